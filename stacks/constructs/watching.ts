/** Alarms on what no single construct sees, and the dashboard. */
import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type AlarmOptions, alarm } from './alarms.ts';
import { dashboard } from './dashboard.ts';

export type WatchingOptions = {
  readonly topicArn: string;
  readonly ledger: ITable;
  readonly stateMachine: IStateMachine;
  readonly findingUpdates: IQueue;
  readonly failures: IQueue;
};

const period = Duration.minutes(5);

/** A metric that functions write, with its dimensions besides `service`. */
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
    period,
    ...more,
  });

export class Watching extends Construct {
  constructor(scope: Construct, id: string, options: WatchingOptions) {
    super(scope, id);
    for (const { name, ...rest } of alarmsOf(options)) alarm(this, name, { name, ...rest, topicArn: options.topicArn });
    dashboard(this, options);
  }
}

function alarmsOf({
  ledger,
  stateMachine,
  findingUpdates,
  failures,
}: WatchingOptions): Omit<AlarmOptions, 'topicArn'>[] {
  const age = (queue: IQueue) => queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period });
  const throttled = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: ledger.tableName },
      statistic: 'Sum',
      period,
    });
  return [
    {
      name: 'circuit-opened',
      metric: ownMetric('CircuitOpened'),
      means:
        'Too many changes of a remediation went wrong within an hour, so no more are made for now. suture stops says of which one; look at its failed executions. One try is let through later; when it succeeds, redrive the others.',
    },
    {
      name: 'rollback-failed',
      metric: ownMetric('Failed', { Error: 'RollbackFailed' }),
      means:
        'A change could not be undone: a resource is neither as it was nor as it should be. A person must look at it now.',
    },
    {
      name: 'policy-unavailable',
      metric: ownMetric('Failed', { Error: 'PolicyUnavailable' }),
      means: 'The policy could not be read for so long that executions failed. Nothing is written until it can be.',
    },
    {
      name: 'findings-rejected',
      metric: ownMetric('Triaged', { Route: 'reject' }),
      means:
        'A finding is not what it claims to be, and was rejected before anything was done about it. The ledger and the log of triage name it and the reason. Whose account it names has probably not sent it: look in CloudTrail for BatchImportFindings.',
    },
    {
      name: 'executions-aborted',
      metric: stateMachine.metricAborted({ period }),
      means: 'Somebody stopped executions. What they had begun may be half done; their findings stand as failed.',
    },
    {
      name: 'executions-throttled',
      metric: stateMachine.metricThrottled({ period }),
      means: 'Step Functions throttles transitions or starts: findings wait longer. Nothing is lost.',
    },
    {
      name: 'finding-updates-old',
      metric: age(findingUpdates),
      threshold: Duration.hours(1).toSeconds(),
      means: 'Updates of findings wait for an hour and more: archived ones are still open, and fixed ones not marked.',
    },
    {
      name: 'failures-old',
      metric: age(failures),
      threshold: Duration.minutes(30).toSeconds(),
      means: 'Failed executions wait to be recorded for half an hour and more: the ledger does not show them yet.',
    },
    {
      name: 'ledger-reads-throttled',
      article: 'ledger-throttled',
      metric: throttled('ReadThrottleEvents'),
      means: 'DynamoDB throttles reads of the ledger; attempts are tried again.',
    },
    {
      name: 'ledger-writes-throttled',
      article: 'ledger-throttled',
      metric: throttled('WriteThrottleEvents'),
      means: 'DynamoDB throttles writes to the ledger or to one of its indexes; attempts are tried again.',
    },
  ];
}
