/**
 * The validator of AppConfig's profile: refuses a policy that is invalid, names a control that is not deployed, or has
 * no permission of the API.
 */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { logger } from '../aws/observe.ts';
import { newestServed } from '../aws/policy-deployments.ts';
import { describeProblem, policyProblems } from '../domain/policy-check.ts';
import { dynamoPolicyGrants } from '../ledger/policy-grants.ts';
import { DECLARATIONS } from '../remediations/declarations.generated.ts';
import { type PermissionDeps, requirePermission } from './permission.ts';

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-profile-validators.html */
const Event = z.object({ content: z.base64(), configurationVersion: z.string().optional() });

/**
 * Accepts expired exceptions, because a rollback to an earlier version must work on any day.
 * @throws an error that names every problem. AppConfig treats any error as a refusal, and shows it to the person who
 * deploys
 */
export const handler = async (event: unknown): Promise<void> => {
  const { content, configurationVersion } = Event.parse(event);
  const bytes = Buffer.from(content, 'base64');
  const problems = problemsOf(bytes.toString('utf8'));
  logger.info('policy validated', { configurationVersion, problems });
  if (problems.length > 0) throw new Error(`The policy is invalid.\n${problems.join('\n')}`);
  await requirePermission(bytes, dependencies());
};

const appConfig = new AppConfigClient({});

function dependencies(): PermissionDeps {
  const ids = environment('LEDGER_TABLE', 'POLICY_APPLICATION', 'POLICY_ENVIRONMENT');
  const live = { ApplicationId: ids.POLICY_APPLICATION, EnvironmentId: ids.POLICY_ENVIRONMENT };
  return {
    grants: dynamoPolicyGrants(ids.LEDGER_TABLE),
    isInstalled: async () => (await newestServed(appConfig, live)) !== undefined,
  };
}

function problemsOf(text: string): string[] {
  try {
    return policyProblems(JSON.parse(text), { remediations: DECLARATIONS }).map(describeProblem);
  } catch (error) {
    if (error instanceof SyntaxError) return [`the policy: is not JSON: ${error.message}`];
    throw error;
  }
}
