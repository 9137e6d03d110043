/** The schedules of an installation, which run functions while virtual time passes. */
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import type { Sandbox } from '../../sandbox/index.ts';

/** Takes the names of rules that stay disabled. */
export type EnableSchedules = (except?: readonly string[]) => Promise<void>;

/** Disables the enabled schedules of the accounts but `except`. Returns a function that enables them again. */
export async function pauseSchedules(
  sandbox: Sandbox,
  accounts: readonly string[],
  except: readonly string[] = [],
): Promise<EnableSchedules> {
  const paused: { readonly account: string; readonly Name: string }[] = [];
  for (const account of accounts) {
    const events = new EventBridgeClient(sandbox.administrator(account));
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    for (const { Name, ScheduleExpression, State } of Rules) {
      if (ScheduleExpression === undefined || State === 'DISABLED' || except.includes(Name!)) continue;
      await events.send(new DisableRuleCommand({ Name }));
      paused.push({ account, Name: Name! });
    }
  }
  return async (stillDisabled = []) => {
    for (const { account, Name } of paused)
      if (!stillDisabled.includes(Name))
        await new EventBridgeClient(sandbox.administrator(account)).send(new EnableRuleCommand({ Name }));
  };
}
