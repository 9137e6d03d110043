/** The schedules of an installation, which run functions while virtual time passes. */
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import type { Sandbox } from '../../sandbox/index.ts';

/** Disables the enabled schedules of the accounts but `except`. Returns a function that enables them again. */
export async function pauseSchedules(
  sandbox: Sandbox,
  accounts: readonly string[],
  except: readonly string[] = [],
): Promise<() => Promise<void>> {
  const paused: (() => Promise<unknown>)[] = [];
  for (const account of accounts) {
    const events = new EventBridgeClient(sandbox.administrator(account));
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    for (const { Name, ScheduleExpression, State } of Rules) {
      if (ScheduleExpression === undefined || State === 'DISABLED' || except.includes(Name!)) continue;
      await events.send(new DisableRuleCommand({ Name }));
      paused.push(() => events.send(new EnableRuleCommand({ Name })));
    }
  }
  return async () => {
    for (const enable of paused) await enable();
  };
}
