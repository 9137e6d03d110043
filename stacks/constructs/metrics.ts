import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';

export type WatchedResources = {
  readonly topicArn: string;
  readonly ledger: ITable;
  readonly stateMachine: IStateMachine;
  readonly findingUpdates: IQueue;
  readonly failures: IQueue;
};

export const PERIOD = Duration.minutes(5);

export const ownMetric = (
  metricName: string,
  dimensions: Record<string, string> = {},
  more: MetricOptions = {},
): Metric =>
  new Metric({
    namespace: 'Suture',
    metricName,
    dimensionsMap: { service: 'suture', ...dimensions },
    statistic: 'Sum',
    period: PERIOD,
    ...more,
  });
