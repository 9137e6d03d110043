/** An operator of the security account at the command line, in the sandbox's time. */
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import type { OperatorEnvironment } from '../../cli/clients/operator.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import type { Pipeline } from './pipeline.ts';

/** What a command is given instead of the environment's; lines of progress are kept. */
export function atTheDesk({ sandbox, kernel, context }: Pipeline, aws?: ClientSettings) {
  const told: string[] = [];
  return {
    told,
    aws: aws ?? sandbox.administrator(context.securityAccount),
    now: () => kernel.clock.now(),
    sleep: (milliseconds: number) => kernel.clock.sleep(milliseconds),
    progress: (line: string) => told.push(line),
    yes: true,
    json: true,
  } satisfies OperatorEnvironment & { told: string[]; yes: true; json: true };
}

/** Puts findings into Security Hub while no rule is on, as if they had been there before Suture was. */
export async function knownBefore(
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
