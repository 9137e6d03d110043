/**
 * State changes and actions of alarms. CloudWatch also records changes of their configuration, which are not modelled.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError, type Need, type ServiceOperation } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { alarmArn } from './arns.ts';
import type { Alarm, AlarmHistoryEntry, CloudWatchAt, CloudWatchState } from './state.ts';

const KEPT_MS = 30 * 86_400_000;
const MAX_RECORDS = 100;
const cloudwatchError = sdkErrors<typeof sdk>();

const MEMBERS = [
  ...(['AlarmName', 'AlarmTypes', 'HistoryItemType', 'StartDate', 'EndDate'] as const),
  ...(['ScanBy', 'MaxRecords', 'NextToken'] as const),
];

export const describeAlarmHistory: ServiceOperation<
  sdk.DescribeAlarmHistoryInput,
  sdk.DescribeAlarmHistoryOutput,
  CloudWatchState
> = {
  // Composite alarms need the permission on every alarm.
  needs: ({ AlarmName, AlarmTypes = [] }, at): Need[] => {
    const name = AlarmTypes.includes('CompositeAlarm') ? '*' : (AlarmName ?? '*');
    return [{ action: 'cloudwatch:DescribeAlarmHistory', resource: alarmArn(at, name) }];
  },
  run: (input, at) => {
    onlyMembers('DescribeAlarmHistory', input, MEMBERS);
    const { HistoryItemType: type, MaxRecords = MAX_RECORDS } = input;
    if (type === 'ConfigurationUpdate') throw notModelled('the history of an alarm’s configuration');
    if (MaxRecords < 1 || MaxRecords > MAX_RECORDS)
      throw new AwsError('ValidationError', `MaxRecords must be between 1 and ${MAX_RECORDS}.`);
    const entries = at.state.history.filter(entryFilter(input, at.kernel.clock.now()));
    if (input.ScanBy !== 'TimestampAscending') entries.reverse();
    const { items, nextToken } = pageOf(entries, input.NextToken, MaxRecords, () =>
      cloudwatchError('InvalidNextToken', 'The next token specified is invalid.'),
    );
    return { AlarmHistoryItems: items.map(shownEntry), ...(nextToken !== undefined && { NextToken: nextToken }) };
  },
};

const entryFilter = (
  { AlarmName, AlarmTypes = ['MetricAlarm'], HistoryItemType, StartDate, EndDate }: sdk.DescribeAlarmHistoryInput,
  now: number,
) => {
  const start = Math.max(StartDate?.getTime() ?? 0, now - KEPT_MS);
  const end = EndDate?.getTime() ?? now;
  return ({ at, alarm, alarmType, type }: AlarmHistoryEntry): boolean =>
    at >= start &&
    at <= end &&
    AlarmTypes.includes(alarmType) &&
    (AlarmName === undefined || alarm === AlarmName) &&
    (HistoryItemType === undefined || type === HistoryItemType);
};

const shownEntry = ({ at, alarm, alarmType, type, summary, data }: AlarmHistoryEntry): sdk.AlarmHistoryItem => ({
  AlarmName: alarm,
  AlarmType: alarmType,
  Timestamp: new Date(at),
  HistoryItemType: type,
  HistorySummary: summary,
  HistoryData: data,
});

type AlarmState = Pick<Alarm, 'state' | 'reason' | 'reasonData'>;

/** Records a change of the alarm's state. Call it after the change. */
export function recordStateUpdate(alarm: Alarm, old: AlarmState, at: CloudWatchAt): void {
  const summary = `Alarm updated from ${old.state} to ${alarm.state}`;
  const data = { version: '1.0', oldState: stateData(old), newState: stateData(alarm) };
  record(alarm, 'StateUpdate', summary, data, at);
}

const stateData = ({ state, reason, reasonData }: AlarmState) => ({
  stateValue: state,
  stateReason: reason,
  ...(reasonData !== undefined && { stateReasonData: JSON.parse(reasonData) as unknown }),
});

/** Records whether the alarm's action was executed. CloudWatch also keeps the message that it published. */
export function recordAction(alarm: Alarm, action: string, error: string | undefined, at: CloudWatchAt): void {
  const summary =
    error === undefined
      ? `Successfully executed action ${action}`
      : `Failed to execute action ${action}. Received error: "${error}"`;
  const actionState = error === undefined ? 'Succeeded' : 'Failed';
  const data = { actionState, stateUpdateTimestamp: alarm.updatedAt, notificationResource: action, error };
  record(alarm, 'Action', summary.slice(0, 255), data, at);
}

function record(
  { name, kind }: Alarm,
  type: AlarmHistoryEntry['type'],
  summary: string,
  data: object,
  { state, kernel }: CloudWatchAt,
): void {
  const alarmType = kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';
  state.history.push({ at: kernel.clock.now(), alarm: name, alarmType, type, summary, data: JSON.stringify(data) });
}
