import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { namesIn } from '../names.ts';

export type WatchedResources = {
  readonly topicArn: string;
  readonly ledger: ITable;
  readonly stateMachine: IStateMachine;
  readonly findingUpdates: IQueue;
  readonly failures: IQueue;
};

export const PERIOD = Duration.minutes(5);

/** @param scope of the installation whose functions write the metric */
export function ownMetric(
  scope: Construct,
  metricName: string,
  dimensions: Record<string, string> = {},
  more: MetricOptions = {},
): Metric {
  const { namespace, service } = namesIn(scope).metrics;
  const dimensionsMap = { service, ...dimensions };
  return new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', period: PERIOD, ...more });
}
