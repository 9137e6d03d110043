/** Trails, their log groups, and the metric filters and alarms on them. */
import {
  type CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import {
  type CloudWatchLogsClient,
  type MetricFilter,
  paginateDescribeMetricFilters,
} from '@aws-sdk/client-cloudwatch-logs';
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { isNamed } from '../../contract/errors.ts';
import type { Place } from '../../contract/remediation.ts';
import { areLogged, selectorsOf } from '../kit/event-selectors.ts';
import { MANAGEMENT_EVENT_KIND } from '../kit/management-events.ts';

/** The namespace in AWS's instructions. */
export const METRIC_NAMESPACE = 'LogMetrics';

export type AlarmClients = {
  readonly cloudtrail: CloudTrailClient;
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sns: SNSClient;
};

/**
 * Returns the name of the log group of a trail, or undefined if none fits: it is active, covers all Regions, logs all
 * management events, and is at home in this Region; the log group is in this account and Region.
 */
export async function trailLogGroup({ cloudtrail, ...place }: AlarmClients & Place): Promise<string | undefined> {
  const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
  for (const trail of trailList) {
    const logGroup = logGroupOf(trail, place);
    if (logGroup === undefined) continue;
    const { IsLogging } = await cloudtrail.send(new GetTrailStatusCommand({ Name: trail.TrailARN }));
    const selectors = await cloudtrail.send(new GetEventSelectorsCommand({ TrailName: trail.TrailARN }));
    if (IsLogging && areLogged(MANAGEMENT_EVENT_KIND, selectorsOf(selectors))) return logGroup;
  }
  return undefined;
}

function logGroupOf(trail: Trail, { partition, region, account }: Place): string | undefined {
  if (!trail.IsMultiRegionTrail || trail.HomeRegion !== region) return undefined;
  const before = `arn:${partition}:logs:${region}:${account}:log-group:`;
  const arn = trail.CloudWatchLogsLogGroupArn ?? '';
  return arn.startsWith(before) ? arn.slice(before.length).replace(/:\*$/, '') : undefined;
}

export async function filtersOn(logGroupName: string, { logs }: AlarmClients): Promise<MetricFilter[]> {
  const filters: MetricFilter[] = [];
  for await (const { metricFilters = [] } of paginateDescribeMetricFilters({ client: logs }, { logGroupName }))
    filters.push(...metricFilters);
  return filters;
}

/** Returns the alarms on the metrics of these filters. */
export async function alarmsOn(filters: readonly MetricFilter[], { cloudwatch }: AlarmClients): Promise<MetricAlarm[]> {
  const metrics = new Set(filters.flatMap(({ metricTransformations = [] }) => metricTransformations.map(metricName)));
  if (metrics.size === 0) return [];
  const alarms: MetricAlarm[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client: cloudwatch },
    { AlarmTypes: ['MetricAlarm'] },
  ))
    alarms.push(...MetricAlarms.filter(({ Namespace, MetricName }) => metrics.has(`${Namespace} ${MetricName}`)));
  return alarms;
}

const metricName = (metric: { readonly metricNamespace?: string; readonly metricName?: string }): string =>
  `${metric.metricNamespace} ${metric.metricName}`;

/** Whether the alarm is as in AWS's instructions: a static threshold, greater than or equal to 1. */
export const isAsInstructed = ({ ComparisonOperator, Threshold, ActionsEnabled }: MetricAlarm): boolean =>
  ActionsEnabled !== false && ComparisonOperator === 'GreaterThanOrEqualToThreshold' && Threshold === 1;

/**
 * Whether the topic has a subscriber. False too if it does not exist, or if another account owns it and denies the
 * call.
 */
export async function hasSubscriber(TopicArn: string, { sns }: AlarmClients): Promise<boolean> {
  try {
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
      if (Subscriptions.some(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:'))) return true;
    return false;
  } catch (error) {
    if (isNamed(error, 'NotFound', 'NotFoundException', 'InvalidParameter', 'AuthorizationError')) return false;
    throw error;
  }
}
