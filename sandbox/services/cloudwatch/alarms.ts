/** Only SetAlarmState changes an alarm's state: the sandbox does not evaluate metrics. */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import type * as z from 'zod';
import { AwsError, type Need, type Principal } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { recordTagContext } from '../../records/tags.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { recordAction, recordStateUpdate } from './alarm-history.ts';
import { alarmSchema, mustHaveMetric } from './alarm-schema.ts';
import { alarmArn } from './arns.ts';
import type { Alarm, CloudWatchAt } from './state.ts';

const cloudwatchError = sdkErrors<typeof sdk>();

export function describeAlarms(input: sdk.DescribeAlarmsCommandInput, at: CloudWatchAt): any {
  onlyMembers('DescribeAlarms', input, [
    'AlarmNames',
    'AlarmNamePrefix',
    'AlarmTypes',
    'StateValue',
    'MaxRecords',
    'NextToken',
  ]);
  const types = (input.AlarmTypes ?? ['MetricAlarm']).map((type) => (type === 'MetricAlarm' ? 'metric' : 'composite'));
  const alarms = [...at.state.alarms.values()].filter(
    ({ name, state, kind }) =>
      types.includes(kind) &&
      (!input.AlarmNames || input.AlarmNames.includes(name)) &&
      name.startsWith(input.AlarmNamePrefix ?? '') &&
      (!input.StateValue || state === input.StateValue),
  );
  const { items, nextToken } = pageOf(alarms, input.NextToken, input.MaxRecords ?? 50, () =>
    cloudwatchError('InvalidNextToken', 'The next token specified is invalid.'),
  );
  const ofKind = (kind: Alarm['kind']) => items.filter((alarm) => alarm.kind === kind).map(describeAlarm);
  return { MetricAlarms: ofKind('metric'), CompositeAlarms: ofKind('composite'), NextToken: nextToken };
}

/** A new alarm is in INSUFFICIENT_DATA. */
export const newAlarm = (given: Pick<Alarm, 'name' | 'kind' | 'settings' | 'tags'>, at: CloudWatchAt): Alarm => ({
  ...given,
  arn: alarmArn(at, given.name),
  state: 'INSUFFICIENT_DATA',
  reason: 'Unchecked: Initial alarm creation',
  updatedAt: at.kernel.clock.now(),
});

/**
 * Replaces the settings of an alarm that exists, and keeps its state and tags.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export const putMetricAlarm = {
  needs: ({ AlarmName, Tags }: sdk.PutMetricAlarmCommandInput, at: CloudWatchAt): Need[] => [
    alarmNeed('PutMetricAlarm', AlarmName, at, recordTagContext(TAG_LIST.read(Tags))),
  ],
  run(input: sdk.PutMetricAlarmCommandInput, at: CloudWatchAt) {
    const { AlarmName: name = '', Tags, ...settings } = alarmIn(input);
    const existing = at.state.alarms.get(name);
    if (existing && existing.kind !== 'metric')
      throw new AwsError('ValidationError', `Alarm ${name} exists as a composite alarm`);
    const alarm = existing
      ? { ...existing, settings }
      : newAlarm({ name, kind: 'metric', settings, tags: TAG_LIST.read(Tags) }, at);
    at.state.alarms.set(name, alarm);
    return {};
  },
};

function alarmIn(input: sdk.PutMetricAlarmCommandInput) {
  const parsed = alarmSchema.safeParse(input);
  if (!parsed.success) throw refusedAlarm(parsed.error.issues);
  mustHaveMetric(parsed.data);
  return parsed.data;
}

function refusedAlarm(issues: readonly z.core.$ZodIssue[]): AwsError {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  if (unknown.length > 0) return notModelled(`the member ${unknown[0]} of PutMetricAlarm`);
  const [{ path, message } = { path: [], message: '' }] = issues;
  return new AwsError('ValidationError', `${path.join('.')}: ${message}`);
}

export const deleteAlarms = {
  needs: ({ AlarmNames = [] }: sdk.DeleteAlarmsCommandInput, at: CloudWatchAt): Need[] =>
    AlarmNames.map((name) => alarmNeed('DeleteAlarms', name, at)),
  run({ AlarmNames = [] }: sdk.DeleteAlarmsCommandInput, at: CloudWatchAt) {
    for (const name of AlarmNames) at.state.alarms.delete(name);
    return {};
  },
};

/** CloudWatch's page names no error for an alarm that does not exist. */
const switchActions = (action: string, ActionsEnabled: boolean) => ({
  needs: ({ AlarmNames = [] }: sdk.EnableAlarmActionsCommandInput, at: CloudWatchAt): Need[] =>
    AlarmNames.map((name) => alarmNeed(action, name, at)),
  run({ AlarmNames = [] }: sdk.EnableAlarmActionsCommandInput, at: CloudWatchAt) {
    for (const alarm of AlarmNames.flatMap((name) => at.state.alarms.get(name) ?? []))
      at.state.alarms.set(alarm.name, { ...alarm, settings: { ...alarm.settings, ActionsEnabled } });
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html */
export const alarmActions = {
  EnableAlarmActions: switchActions('EnableAlarmActions', true),
  DisableAlarmActions: switchActions('DisableAlarmActions', false),
};

const alarmNeed = (
  action: string,
  name: string | undefined,
  at: CloudWatchAt,
  context: Need['context'] = {},
): Need => ({
  action: `cloudwatch:${action}`,
  resource: alarmArn(at, name ?? ''),
  resourceTags: at.state.alarms.get(name ?? '')?.tags ?? {},
  context,
});

type TagsRequest = { readonly ResourceARN: string | undefined };

const alarmOf = ({ ResourceARN = '' }: TagsRequest, at: CloudWatchAt): Alarm => {
  const alarm = [...at.state.alarms.values()].find(({ arn }) => arn === ResourceARN);
  if (alarm) return alarm;
  throw cloudwatchError('ResourceNotFoundException', `Unknown resource: ${ResourceARN}`);
};
const tagNeeds =
  (action: string) =>
  ({ ResourceARN = '', Tags }: TagsRequest & { readonly Tags?: readonly sdk.Tag[] }, at: CloudWatchAt): Need[] => [
    alarmNeed(action, ResourceARN.split(':alarm:')[1], at, recordTagContext(TAG_LIST.read(Tags))),
  ];

export const alarmTags = {
  ListTagsForResource: {
    needs: tagNeeds('ListTagsForResource'),
    run: (input: sdk.ListTagsForResourceCommandInput, at: CloudWatchAt) => ({
      Tags: TAG_LIST.write(alarmOf(input, at).tags) as sdk.Tag[],
    }),
  },
  TagResource: {
    needs: tagNeeds('TagResource') as (input: sdk.TagResourceCommandInput, at: CloudWatchAt) => Need[],
    run(input: sdk.TagResourceCommandInput, at: CloudWatchAt) {
      const alarm = alarmOf(input, at);
      at.state.alarms.set(alarm.name, { ...alarm, tags: { ...alarm.tags, ...TAG_LIST.read(input.Tags) } });
      return {};
    },
  },
};

export const setAlarmState = {
  needs: ({ AlarmName }: sdk.SetAlarmStateCommandInput, at: CloudWatchAt): Need[] => [
    { action: 'cloudwatch:SetAlarmState', resource: alarmArn(at, AlarmName!) },
  ],
  run({ AlarmName, StateValue, StateReason, StateReasonData }: sdk.SetAlarmStateCommandInput, at: CloudWatchAt) {
    const alarm = at.state.alarms.get(AlarmName!);
    if (!alarm) throw new AwsError('ResourceNotFound', 'Alarm not found', 404);
    checkReasonData(StateReasonData);
    const old = { ...alarm };
    const changes = { state: StateValue, reason: StateReason, reasonData: StateReasonData };
    Object.assign(alarm, { ...changes, updatedAt: at.kernel.clock.now() });
    if (old.state === alarm.state) return {};
    recordStateUpdate(alarm, old, at);
    at.kernel.background(`actions of alarm ${alarm.name}`, () => runActions({ ...alarm }, old.state, at));
    return {};
  },
};

/** @throws AwsError InvalidFormat for text that is not JSON */
function checkReasonData(data: string | undefined): void {
  if (data === undefined) return;
  try {
    JSON.parse(data);
  } catch {
    throw cloudwatchError('InvalidFormatFault', 'StateReasonData was not syntactically valid JSON.');
  }
}

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
    try {
      await at.kernel.call(principal, at, 'sns', 'Publish', { TopicArn, Subject, Message });
      recordAction(alarm, TopicArn, undefined, at);
    } catch (error) {
      recordAction(alarm, TopicArn, (error as Error).message, at);
      throw error;
    }
  }
}

function describeAlarm(alarm: Alarm) {
  return {
    ActionsEnabled: true,
    ...alarm.settings,
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    ...(alarm.reasonData !== undefined && { StateReasonData: alarm.reasonData }),
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
  };
}
