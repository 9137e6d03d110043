/** An operator of the security account at the command line, on the sandbox's clock. */
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import type { OperatorEnvironment } from '../../cli/clients/operator.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { InstalledSuture } from '../../lab/organization/second-person.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import type { Pipeline } from './pipeline.ts';

export function testOperator({ sandbox, context }: InstalledSuture, aws?: ClientSettings) {
  const { clock } = sandbox.kernel;
  const progressLines: string[] = [];
  return {
    progressLines,
    aws: aws ?? sandbox.administrator(context.securityAccount),
    now: () => clock.now(),
    sleep: (milliseconds: number) => clock.sleep(milliseconds),
    progress: (line: string) => progressLines.push(line),
    yes: true,
    json: true,
  } satisfies OperatorEnvironment & { progressLines: string[]; yes: true; json: true };
}

/** Puts findings while the rules are disabled, as if they were older than Suture's installation. */
export async function putExistingFindings(
  { sandbox, kernel, context }: Pipeline,
  findings: readonly ControlFinding[],
): Promise<void> {
  const events = new EventBridgeClient(sandbox.administrator(context.securityAccount));
  const { Rules = [] } = await events.send(new ListRulesCommand({ NamePrefix: 'suture-findings-' }));
  for (const { Name } of Rules) await events.send(new DisableRuleCommand({ Name }));
  for (const finding of findings) putFinding(kernel, finding as never);
  await sandbox.settled();
  for (const { Name } of Rules) await events.send(new EnableRuleCommand({ Name }));
}
