import {
  CloudWatchClient,
  type Dimension,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import { installedNames } from './installed-names.ts';
import type { Operator } from './operator.ts';

const DAY_MS = 86_400_000;
const THROTTLE_METRICS = [
  { Namespace: 'AWS/Lambda', MetricName: 'Throttles', dimension: 'FunctionName' },
  { Namespace: 'AWS/States', MetricName: 'ExecutionThrottled', dimension: 'StateMachineArn' },
] as const;

/** Counts by function or state machine; omits names without throttles. */
export async function throttlesOfLastDay({ aws, now }: Operator): Promise<Record<string, number>> {
  const cloudWatch = new CloudWatchClient(aws);
  const counts: Record<string, number> = {};
  for (const { dimension, ...metric } of THROTTLE_METRICS) {
    const { Metrics = [] } = await cloudWatch.send(
      new ListMetricsCommand({ ...metric, Dimensions: [{ Name: dimension }] }),
    );
    for (const { Dimensions = [] } of Metrics) {
      const name = Dimensions[0]?.Value?.split(':').at(-1);
      if (Dimensions.length !== 1 || !name?.startsWith(installedNames().own(''))) continue;
      const sum = await sumOfLastDay(cloudWatch, { ...metric, Dimensions }, now());
      if (sum > 0) counts[name] = sum;
    }
  }
  return counts;
}

type Metric = { readonly Namespace: string; readonly MetricName: string; readonly Dimensions: Dimension[] };

async function sumOfLastDay(cloudWatch: CloudWatchClient, metric: Metric, now: number): Promise<number> {
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...metric,
      StartTime: new Date(now - DAY_MS),
      EndTime: new Date(now),
      Period: DAY_MS / 1000,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
}
