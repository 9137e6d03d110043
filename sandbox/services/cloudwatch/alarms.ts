/** Only SetAlarmState changes an alarm's state: the sandbox does not evaluate metrics. */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError, type AwsPlace, type Need, type Principal } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import type { Alarm, CloudWatchAt } from './state.ts';

export const alarmArn = (place: AwsPlace, name: string) =>
  `arn:${place.partition}:cloudwatch:${place.region}:${place.account}:alarm:${name}`;

export function describeAlarms(input: sdk.DescribeAlarmsCommandInput, at: CloudWatchAt): any {
  onlyMembers('DescribeAlarms', input, ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'MaxRecords']);
  const types = input.AlarmTypes ?? ['MetricAlarm'];
  const alarms = [...at.state.alarms.values()].filter(
    ({ name, state }) =>
      (!input.AlarmNames || input.AlarmNames.includes(name)) &&
      name.startsWith(input.AlarmNamePrefix ?? '') &&
      (!input.StateValue || state === input.StateValue),
  );
  const ofKind = (kind: Alarm['kind']) => alarms.filter((alarm) => alarm.kind === kind).map(describeAlarm);
  return {
    MetricAlarms: types.includes('MetricAlarm') ? ofKind('metric') : [],
    CompositeAlarms: types.includes('CompositeAlarm') ? ofKind('composite') : [],
  };
}

export const setAlarmState = {
  needs: ({ AlarmName }: sdk.SetAlarmStateCommandInput, at: CloudWatchAt): Need[] => [
    { action: 'cloudwatch:SetAlarmState', resource: alarmArn(at, AlarmName!) },
  ],
  run({ AlarmName, StateValue, StateReason }: sdk.SetAlarmStateCommandInput, at: CloudWatchAt) {
    const alarm = at.state.alarms.get(AlarmName!);
    if (!alarm) throw new AwsError('ResourceNotFound', 'Alarm not found', 404);
    const oldState = alarm.state;
    Object.assign(alarm, { state: StateValue, reason: StateReason, updatedAt: at.kernel.clock.now() });
    if (oldState !== alarm.state)
      at.kernel.background(`actions of alarm ${alarm.name}`, () => runActions(alarm, oldState, at));
    return {};
  },
};

/** Publishes to the topics of the new state as the service, so the policy and key of a topic must allow it. */
async function runActions(alarm: Alarm, oldState: string, at: CloudWatchAt): Promise<void> {
  if (alarm.settings.ActionsEnabled === false) return;
  const member = { OK: 'OKActions', ALARM: 'AlarmActions', INSUFFICIENT_DATA: 'InsufficientDataActions' }[alarm.state];
  const principal: Principal = {
    kind: 'service',
    service: 'cloudwatch.amazonaws.com',
    account: at.account,
    source: alarm.arn,
  };
  const Message = JSON.stringify({
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AWSAccountId: at.account,
    Region: at.region,
    NewStateValue: alarm.state,
    OldStateValue: oldState,
    NewStateReason: alarm.reason,
    StateChangeTime: new Date(alarm.updatedAt).toISOString(),
  });
  for (const TopicArn of (alarm.settings[member] as string[] | undefined) ?? []) {
    const Subject = `${alarm.state}: "${alarm.name}" in ${at.region}`;
    await at.kernel.call(principal, at, 'sns', 'Publish', { TopicArn, Subject, Message });
  }
}

function describeAlarm(alarm: Alarm) {
  return {
    ...alarm.settings,
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
  };
}
