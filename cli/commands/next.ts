import { plain } from '../../functions/domain/plain-text.ts';
import type { NextStep } from '../attention/next-step.ts';
import type { NextAnswer } from '../attention/next-steps.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { colour } from '../output/terminal.ts';

export type NextOptions = OperatorEnvironment & {
  readonly installation?: string;
  readonly json?: boolean;
};

export default defineCommand<NextOptions>({
  name: 'next',
  heading: 'Look',
  summary:
    'say what to do now: configure, deploy, a policy, failures, approvals, findings that wait; with the commands',
  options: [jsonOption('a JSON array, the first step first: step, summary, instructions')],
  notes: `
Looks at the credentials, the deployment, the policy, and everything that waits. Writes nothing. status counts more, and triage
goes through what failed or waits.`.trim(),
  examples: ['suture next', 'suture next --json | jq -r ".[0].instructions[]"'],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'nothing is left to do', 1: 'there is something to do', 2: 'wrong usage' },
  // The credentials may be what is missing.
  isOffline: () => true,
  run: (options) => nextCommand(options),
});

export async function nextCommand(options: NextOptions): Promise<CommandResult> {
  const { steps, unreadAccount = null } = await stepsFor(options);
  const failed = steps.length > 0;
  if (options.json) return { text: JSON.stringify(steps, null, 2), failed };
  if (failed) return { text: plain(steps).map(stepText).join('\n\n'), failed };
  const { unreadLines } = await import('../status/status-page.ts');
  return { text: ['Nothing is left to do.', ...unreadLines({ unreadAccount }), LOOK].join('\n'), failed };
}

const LOOK = `How findings stand: suture status
What was done:      suture list --since 7d`;

async function stepsFor({ installation, ...environment }: NextOptions): Promise<NextAnswer> {
  const { CONFIGURE, DEPLOY, SIGN_IN, nextSteps } = await import('../attention/next-steps.ts');
  const { explainError } = await import('../errors/explain-error.ts');
  const { withProfileError } = await import('../clients/profile-error.ts');
  const { resolveOperator } = await import('../clients/operator.ts');
  const { beginSession } = await import('../session.ts');
  const explained = async (step: NextStep, error: unknown): Promise<NextAnswer> => {
    const { message, exitCode } = explainError(await withProfileError(error));
    // Another profile does not help where nothing answers.
    if (exitCode !== 3 || !/credentials|profile|region/i.test(message)) throw error;
    if (step === CONFIGURE && /expired/i.test(message)) return { steps: [{ ...SIGN_IN, summary: message }] };
    return { steps: [{ ...step, summary: `${step.summary} ${message}` }] };
  };
  let operator: Awaited<ReturnType<typeof resolveOperator>>;
  try {
    if (!environment.aws) await beginSession(installation);
    operator = await resolveOperator(environment);
  } catch (error) {
    return explained(CONFIGURE, error);
  }
  try {
    return await nextSteps(operator);
  } catch (error) {
    return explained(DEPLOY, error);
  }
}

const stepText = ({ summary, instructions }: NextStep, n: number): string =>
  [colour('bold', `${n + 1}. ${summary}`), ...instructions.map((line) => `   ${line}`)].join('\n');
