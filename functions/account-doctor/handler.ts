/** Doctor in the service account: checks it, and the roles of member accounts by read-only sessions in them. */
import { STSClient } from '@aws-sdk/client-sts';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { accountReads, assumeMember, type DoctorRoles } from '../aws/doctor/accounts.ts';
import { placeReads } from '../aws/doctor/place.ts';
import { environment } from '../aws/environment.ts';
import { NAMES } from '../aws/installation.ts';
import { logger } from '../aws/observe.ts';
import { isDenial, isThrottling, isUnavailable } from '../contract/errors.ts';
import { ApiRequest, proxyResult, refusal, signerOf } from '../domain/api.ts';
import { type DoctorPlace, placeChecks } from '../domain/doctor-place.ts';
import { type MemberInstallation, memberRoleDesigns } from '../domain/member-roles.ts';
import { REMEDIATIONS } from '../remediations/registry.generated.ts';
import { type AccountDoctorDeps, answerAccountDoctor } from './routes.ts';

const sts = new STSClient({ maxAttempts: 6 });

export const handler = async (event: unknown): Promise<APIGatewayProxyResult> => {
  const request = ApiRequest.parse(event);
  logger.appendKeys({ by: signerOf(request), resource: request.resource });
  try {
    return proxyResult(await answerAccountDoctor(request, dependencies()));
  } catch (error) {
    logger.error('request failed', { error: error as Error });
    if (!isThrottling(error) && !isUnavailable(error)) throw error;
    return proxyResult(refusal(503, 'AWS was busy. Run it again: suture doctor'));
  } finally {
    logger.resetKeys();
  }
};

/** Facts of the installation that its stack states. */
type AccountDoctorFacts = {
  readonly place: DoctorPlace;
  readonly regions: readonly string[];
  readonly members: MemberInstallation;
  readonly roles: DoctorRoles;
};

function dependencies(): AccountDoctorDeps {
  const { DOCTOR_FACTS } = environment('DOCTOR_FACTS');
  const { place, regions, members, roles } = JSON.parse(DOCTOR_FACTS) as AccountDoctorFacts;
  const run = `doctor-${crypto.randomUUID()}`;
  return {
    partition: roles.partition,
    regions,
    designs: memberRoleDesigns(members, REMEDIATIONS),
    memberRole: members.member.name,
    names: NAMES,
    read: (account) => accountReads(sts, roles, account),
    assume: (account) => assumeMember(sts, roles, account, run),
    isDenial,
    checks: placeChecks(place, placeReads()),
  };
}
