/** Alarms, which change their state by SetAlarmState alone: metrics are not evaluated. */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { type At, AwsError, type AwsPlace, type Need, type Principal } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import type { Alarm, CloudWatchState } from './state.ts';

type Here = At<CloudWatchState>;

export const alarmArn = (place: AwsPlace, name: string) =>
  `arn:${place.partition}:cloudwatch:${place.region}:${place.account}:alarm:${name}`;

export function describeAlarms(input: sdk.DescribeAlarmsCommandInput, at: Here): any {
  onlyMembers('DescribeAlarms', input, ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'MaxRecords']);
  const types = input.AlarmTypes ?? ['MetricAlarm'];
  const found = [...at.state.alarms.values()].filter(
    ({ name, state }) =>
      (!input.AlarmNames || input.AlarmNames.includes(name)) &&
      name.startsWith(input.AlarmNamePrefix ?? '') &&
      (!input.StateValue || state === input.StateValue),
  );
  const ofKind = (kind: Alarm['kind']) => found.filter((alarm) => alarm.kind === kind).map(described);
  return {
    MetricAlarms: types.includes('MetricAlarm') ? ofKind('metric') : [],
    CompositeAlarms: types.includes('CompositeAlarm') ? ofKind('composite') : [],
  };
}

export const setAlarmState = {
  needs: ({ AlarmName }: sdk.SetAlarmStateCommandInput, at: Here): Need[] => [
    { action: 'cloudwatch:SetAlarmState', resource: alarmArn(at, AlarmName!) },
  ],
  run({ AlarmName, StateValue, StateReason }: sdk.SetAlarmStateCommandInput, at: Here) {
    const alarm = at.state.alarms.get(AlarmName!);
    if (!alarm) throw new AwsError('ResourceNotFound', 'Alarm not found', 404);
    const before = alarm.state;
    Object.assign(alarm, { state: StateValue, reason: StateReason, updatedAt: at.kernel.clock.now() });
    if (before !== alarm.state) at.kernel.background(`actions of alarm ${alarm.name}`, () => act(alarm, before, at));
    return {};
  },
};

/** Publishes to the topics of the new state, as the service that a topic's policy and key must let in. */
async function act(alarm: Alarm, before: string, at: Here): Promise<void> {
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
    OldStateValue: before,
    NewStateReason: alarm.reason,
    StateChangeTime: new Date(alarm.updatedAt).toISOString(),
  });
  for (const TopicArn of (alarm.settings[member] as string[] | undefined) ?? []) {
    const Subject = `${alarm.state}: "${alarm.name}" in ${at.region}`;
    await at.kernel.call(principal, at, 'sns', 'Publish', { TopicArn, Subject, Message });
  }
}

function described(alarm: Alarm) {
  return {
    ...alarm.settings,
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
  };
}
