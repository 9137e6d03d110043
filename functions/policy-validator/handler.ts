/** The validator of AppConfig's profile: refuses a policy that is invalid or names a control that is not deployed. */
import * as z from 'zod';
import { logger } from '../aws/observe.ts';
import { describeProblem, policyProblems } from '../domain/policy-check.ts';
import { REMEDIATIONS } from '../remediations/registry.generated.ts';

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-profile-validators.html */
const Event = z.object({ content: z.base64(), configurationVersion: z.string().optional() });

/**
 * Accepts expired exceptions, because a rollback to an earlier version must work on any day.
 * @throws an error that names every problem. AppConfig treats any error as a refusal, and shows it to the person who
 * deploys
 */
export const handler = async (event: unknown): Promise<void> => {
  const { content, configurationVersion } = Event.parse(event);
  const problems = problemsOf(Buffer.from(content, 'base64').toString('utf8'));
  logger.info('policy validated', { configurationVersion, problems });
  if (problems.length > 0) throw new Error(`The policy is invalid.\n${problems.join('\n')}`);
};

function problemsOf(text: string): string[] {
  try {
    return policyProblems(JSON.parse(text), { remediations: REMEDIATIONS }).map(describeProblem);
  } catch (error) {
    if (error instanceof SyntaxError) return [`the policy: is not JSON: ${error.message}`];
    throw error;
  }
}
