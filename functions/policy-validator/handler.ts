/** AppConfig asks before it deploys a policy: one that is invalid, or names a control that is not deployed, is refused. */
import * as z from 'zod';
import { logger } from '../aws/observe.ts';
import { inWords, policyProblems } from '../domain/policy-check.ts';
import { remediations } from '../remediations/registry.generated.ts';

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-profile-validators.html */
const Event = z.object({ content: z.base64(), configurationVersion: z.string().optional() });

/**
 * @throws an error that names every problem: AppConfig takes any error for a no, and shows it to whoever deploys.
 * Exceptions that have ended are none of them: going back to an earlier version must work on any day.
 */
export const handler = async (event: unknown): Promise<void> => {
  const { content, configurationVersion } = Event.parse(event);
  const problems = problemsOf(Buffer.from(content, 'base64').toString('utf8'));
  logger.info('checked', { configurationVersion, problems });
  if (problems.length > 0) throw new Error(`The policy is invalid.\n${problems.join('\n')}`);
};

function problemsOf(text: string): string[] {
  try {
    return policyProblems(JSON.parse(text), { remediations }).map(inWords);
  } catch (error) {
    if (error instanceof SyntaxError) return [`the policy: is no JSON: ${error.message}`];
    throw error;
  }
}
