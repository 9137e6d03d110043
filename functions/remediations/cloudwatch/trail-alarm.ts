/**
 * CloudWatch.1 to CloudWatch.14: a metric filter with the pattern that CIS prescribes, letter by letter, on the log group
 * of a trail of all Regions, and an alarm on its metric that notifies a topic with a subscriber.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-1
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DeleteMetricFilterCommand,
  PutMetricFilterCommand,
  type PutMetricFilterRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { accountTarget, defineRemediation, type Place, refused } from '../../contract/remediation.ts';
import { fixedCost } from '../kit/monthly-cost.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { declaredFilterAndAlarm } from './alarm-words.ts';
import {
  type AlarmClients,
  alarmsOn,
  filtersOn,
  hasSubscriber,
  isAsInstructed,
  METRIC_NAMESPACE,
  trailLogGroup,
} from './trail-log-group.ts';

const LOG_GROUP = 'arn:{partition}:logs:{region}:{account}:log-group:{logGroup}';
const NO_TRAIL =
  'the account has no trail of all Regions in this Region that logs management events to a log group here: see CloudTrail.1 and CloudTrail.5';
const NO_TOPIC = 'policy names no topic for alarms: set params.topicName to an SNS topic with a subscriber';

const State = z.strictObject({
  /** null: no suitable trail logs to one. */
  logGroup: z.string().nullable(),
  /** An alarm of whatever name already satisfies the control. */
  alarmed: z.boolean(),
  filter: z.boolean(),
  /** The ARN of the topic that Suture's alarm notifies. */
  alarm: z.string().nullable(),
});
type FilterAndAlarm = z.infer<typeof State>;

const anyName = (names: readonly string[]): string => names.map((name) => `($.eventName=${name})`).join(' || ');

/** Returns the pattern of events of these names. */
export const anyEvent = (names: readonly string[]): string => `{${anyName(names)}}`;

/** Returns the pattern of these events of one service. */
export const serviceEvents = (service: string, names: readonly string[]): string =>
  `{($.eventSource=${service}.amazonaws.com) && (${anyName(names)})}`;

export type TrailAlarm = {
  readonly id: `cloudwatch/${string}`;
  readonly title: string;
  readonly control: `CloudWatch.${number}`;
  /** The name of the metric. The filter and the alarm have the name `suture-<metric>`. */
  readonly metric: string;
  readonly pattern: string;
};

type AlarmContext = AlarmClients & Place & { readonly params: { readonly topicName?: string } };

/** Returns the name of the filter, which the alarm has too. */
export const filterName = (metric: string): string => `suture-${metric}`;

export function trailAlarm({ id, title, control, metric, pattern }: TrailAlarm) {
  const name = filterName(metric);
  return defineRemediation({
    id,
    title,
    handles: { controls: [control] },
    // It costs money each month, so a person agrees by default.
    risk: 'disruptive',
    target: accountTarget,
    found: z.strictObject({ logGroup: z.string() }),
    params: z.strictObject({
      topicName: z
        .string()
        .regex(/^[\w-]{1,256}$/)
        .optional(),
    }),
    controlParams: { topicName: 'own' },
    state: State,
    reads: READS,
    writes: onFilterAndAlarm(name, ['logs:PutMetricFilter', 'cloudwatch:PutMetricAlarm'], 'adds'),
    undoes: onFilterAndAlarm(name, ['logs:DeleteMetricFilter', 'cloudwatch:DeleteAlarms'], 'deletes'),
    clients: { cloudtrail: CloudTrailClient, cloudwatch: CloudWatchClient, logs: CloudWatchLogsClient, sns: SNSClient },
  }).by({
    read: (context) => readAlarm(context, name, pattern),
    targets: ({ logGroup }) => (logGroup === null ? [] : [{ logGroup }]),
    want(state, { params: { topicName }, partition, region, account }) {
      if (state.alarmed) return state;
      if (state.logGroup === null) return refused(NO_TRAIL);
      if (topicName === undefined) return refused(NO_TOPIC);
      const alarm = `arn:${partition}:sns:${region}:${account}:${topicName}`;
      return { ...state, alarmed: true, filter: true, alarm };
    },
    async objection(context) {
      const because = await obstacle(context, name, pattern);
      return because === undefined ? undefined : refused(because);
    },
    write: (context, from, to) => writeFilterAndAlarm(context, { name, metric, pattern }, from, to),
    costs: () => fixedCost('metric', 'alarm'),
    declared: ({ logGroup }, { alarm }) =>
      declaredFilterAndAlarm(
        filterOn(logGroup ?? '', { name, metric, pattern }),
        alarmNotifying(alarm ?? '', name, metric),
      ),
    summary: (from, to) =>
      to.alarm === null
        ? `without the metric filter and the alarm ${name}`
        : `a metric filter ${name} on ${from.logGroup}, and an alarm to ${to.alarm}`,
  });
}

async function readAlarm(context: AlarmContext, name: string, pattern: string): Promise<z.infer<typeof State>> {
  const logGroup = (await trailLogGroup(context)) ?? null;
  if (logGroup === null) return { logGroup, alarmed: false, filter: false, alarm: null };
  const filters = (await filtersOn(logGroup, context)).filter((filter) => filter.filterPattern === pattern);
  const alarms = await alarmsOn(filters, context);
  const own = alarms.find(({ AlarmName }) => AlarmName === name);
  return {
    logGroup,
    alarmed: await hasSubscribedAlarm(alarms, context),
    filter: filters.some(({ filterName }) => filterName === name),
    alarm: own?.AlarmActions?.[0] ?? null,
  };
}

type NamedFilter = Pick<TrailAlarm, 'metric' | 'pattern'> & { readonly name: string };

const filterOn = (logGroupName: string, { name, metric, pattern }: NamedFilter): PutMetricFilterRequest => ({
  logGroupName,
  filterName: name,
  filterPattern: pattern,
  metricTransformations: [transformationTo(metric)],
});

/** Adds the filter before the alarm, and deletes them in the other order. */
async function writeFilterAndAlarm(
  { logs, cloudwatch }: Pick<AlarmClients, 'logs' | 'cloudwatch'>,
  { name, metric, pattern }: NamedFilter,
  from: FilterAndAlarm,
  to: FilterAndAlarm,
): Promise<void> {
  const logGroupName = (to.logGroup ?? from.logGroup)!;
  if (to.filter && !from.filter)
    await logs.send(new PutMetricFilterCommand(filterOn(logGroupName, { name, metric, pattern })));
  if (to.alarm !== null) await cloudwatch.send(new PutMetricAlarmCommand(alarmNotifying(to.alarm, name, metric)));
  else if (from.alarm !== null)
    await orUndefined(cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] })), 'ResourceNotFound');
  if (!to.filter && from.filter)
    await orUndefined(
      logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName: name })),
      'ResourceNotFoundException',
    );
}

const READS = [
  { actions: ['cloudtrail:DescribeTrails'], resources: ['*'], because: 'takes no resource: the trails of the account' },
  {
    actions: ['cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors'],
    resources: ['arn:{partition}:cloudtrail:{region}:{account}:trail/*'],
    because: 'whether the trail logs, and which events',
  },
  {
    actions: ['logs:DescribeMetricFilters'],
    resources: ['arn:{partition}:logs:{region}:{account}:log-group:*'],
    because: 'the filters of its log group',
  },
  {
    actions: ['cloudwatch:DescribeAlarms'],
    resources: ['arn:{partition}:cloudwatch:{region}:{account}:alarm:*'],
    because: 'the alarms on their metrics',
  },
  {
    actions: ['sns:ListSubscriptionsByTopic'],
    resources: ['arn:{partition}:sns:{region}:{account}:*'],
    because: 'whether somebody gets the alarm',
  },
] as const;

const onFilterAndAlarm = <const F extends `logs:${string}`, const A extends `cloudwatch:${string}`>(
  name: string,
  [filter, alarm]: readonly [F, A],
  verb: string,
) =>
  [
    { actions: [filter], resources: [LOG_GROUP], because: `${verb} the filter` },
    {
      actions: [alarm],
      resources: [`arn:{partition}:cloudwatch:{region}:{account}:alarm:${name}`],
      because: `${verb} the alarm`,
    },
  ] as const;

const transformationTo = (metricName: string) => ({
  metricName,
  metricNamespace: METRIC_NAMESPACE,
  metricValue: '1',
  defaultValue: 0,
});

const alarmNotifying = (topic: string, AlarmName: string, MetricName: string): PutMetricAlarmInput => ({
  AlarmName,
  AlarmActions: [topic],
  Namespace: METRIC_NAMESPACE,
  MetricName,
  Statistic: 'Sum',
  Period: 300,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 1,
  TreatMissingData: 'notBreaching',
});

async function hasSubscribedAlarm(alarms: readonly MetricAlarm[], context: AlarmContext): Promise<boolean> {
  const topics = new Set(alarms.filter(isAsInstructed).flatMap(({ AlarmActions = [] }) => AlarmActions));
  for (const topic of topics) if (await hasSubscriber(topic, context)) return true;
  return false;
}

/** Returns why the filter or the alarm cannot be added. */
async function obstacle(context: AlarmContext, name: string, pattern: string): Promise<string | undefined> {
  const { params, partition, region, account } = context;
  const topic = `arn:${partition}:sns:${region}:${account}:${params.topicName}`;
  if (!(await hasSubscriber(topic, context)))
    return `the topic ${topic} does not exist or has no subscriber: AWS fails the control for such an alarm`;
  const logGroup = await trailLogGroup(context);
  const taken = logGroup && (await filtersOn(logGroup, context)).find(({ filterName }) => filterName === name);
  if (taken && taken.filterPattern !== pattern)
    return `the log group ${logGroup} has a metric filter ${name} with another pattern: delete or rename it`;
  return undefined;
}
