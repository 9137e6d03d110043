/**
 * Doctor in the security account: checks the organization and Suture's own parts there, behind the API. It only reads.
 */
import { setTimeout } from 'node:timers/promises';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { STSClient } from '@aws-sdk/client-sts';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { listInstances, listOrganizationAccounts, listRecorderVerdicts } from '../aws/doctor/lists.ts';
import { organizationReads } from '../aws/doctor/organization.ts';
import { placeReads } from '../aws/doctor/place.ts';
import { environment } from '../aws/environment.ts';
import { NAMES } from '../aws/installation.ts';
import { logger } from '../aws/observe.ts';
import { isThrottling, isUnavailable } from '../contract/errors.ts';
import { trialAccount } from '../domain/account.ts';
import { ApiRequest, proxyResult, refusal, signerOf } from '../domain/api.ts';
import type { InstallationPlaces } from '../domain/doctor.ts';
import { type DoctorPlace, placeChecks } from '../domain/doctor-place.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { DECLARATIONS } from '../remediations/declarations.generated.ts';
import { type OrganizationPlace, organizationChecks } from './organization-checks.ts';
import { answerDoctor, type DoctorDeps } from './routes.ts';

const organizations = new OrganizationsClient({ maxAttempts: 6 });
const securityHub = new SecurityHubClient({ maxAttempts: 6 });
const sts = new STSClient({});

export const handler = async (event: unknown): Promise<APIGatewayProxyResult> => {
  const request = ApiRequest.parse(event);
  logger.appendKeys({ by: signerOf(request), resource: request.resource });
  try {
    return proxyResult(await answerDoctor(request, dependencies()));
  } catch (error) {
    logger.error('request failed', { error: error as Error });
    if (!isThrottling(error) && !isUnavailable(error)) throw error;
    return proxyResult(refusal(503, 'AWS was busy. Run it again: suture doctor'));
  } finally {
    logger.resetKeys();
  }
};

/** Facts of the installation that its stack states. */
type DoctorFacts = {
  readonly place: DoctorPlace;
  readonly organization: Omit<OrganizationPlace, 'remediations' | 'stack' | 'today'>;
  readonly rulePrefix: string;
  readonly places: InstallationPlaces;
  /** Accounts in which Suture remediates nothing, whatever policy says. */
  readonly excluded: readonly string[];
  readonly rollout?: Parameters<typeof listInstances>[1];
};

function dependencies(): DoctorDeps {
  const names = ['DOCTOR_FACTS', 'LEDGER_TABLE', 'POLICY_APPLICATION', 'POLICY_ENVIRONMENT', 'POLICY_PROFILE'] as const;
  const values = environment(...names);
  const { place, places, organization, rulePrefix, excluded, rollout } = JSON.parse(values.DOCTOR_FACTS) as DoctorFacts;
  const reads = {
    ...organizationReads(rulePrefix, {
      application: values.POLICY_APPLICATION,
      environment: values.POLICY_ENVIRONMENT,
      profile: values.POLICY_PROFILE,
    }),
    units: () => dynamoAccounts(values.LEDGER_TABLE, dynamoDb()).units(),
  };
  const ofRelease = { remediations: DECLARATIONS, stack: NAMES.stack('Security') };
  const today = new Date().toISOString().slice(0, 10);
  return {
    checks: [
      ...organizationChecks({ ...organization, ...ofRelease, today }, reads),
      ...placeChecks(place, placeReads()),
    ],
    regions: organization.regions,
    places,
    async accounts(next) {
      if (organization.trial) return { items: [trialAccount(organization.account)] };
      const page = await listOrganizationAccounts(organizations, setTimeout, next);
      return { ...page, items: page.items.filter(({ id }) => !excluded.includes(id)) };
    },
    instances: rollout && ((next) => listInstances(sts, rollout, next)),
    verdicts: (next) => listRecorderVerdicts(securityHub, setTimeout, next),
  };
}
