import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { namesIn } from '../names.ts';
import { type AlarmOptions, alarm } from './alarms.ts';
import { dashboard } from './dashboard.ts';
import { ownMetric, PERIOD, type WatchedResources } from './metrics.ts';

export class Watching extends Construct {
  constructor(scope: Construct, id: string, options: WatchedResources) {
    super(scope, id);
    for (const { name, ...rest } of alarmsOf(this, options))
      alarm(this, name, { name, ...rest, topicArn: options.topicArn });
    dashboard(this, options);
  }
}

function alarmsOf(
  scope: Construct,
  { ledger, stateMachine, findingUpdates, failures }: WatchedResources,
): Omit<AlarmOptions, 'topicArn'>[] {
  const age = (queue: IQueue) => queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: PERIOD });
  const throttled = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: ledger.tableName },
      statistic: 'Sum',
      period: PERIOD,
    });
  return [
    {
      name: 'circuit-opened',
      metric: ownMetric(scope, 'CircuitOpened'),
      means:
        'Too many changes of a remediation failed within an hour, so Suture makes no more of them for now. suture stops names the remediation; look at its failed executions. Suture tries one change later; after that succeeds, replay the others.',
    },
    {
      name: 'rollback-failed',
      metric: ownMetric(scope, 'Failed', { Error: 'RollbackFailed' }),
      means:
        'A rollback failed: a resource is in neither its original nor its fixed state. A person must look at it now.',
    },
    {
      name: 'policy-unavailable',
      metric: ownMetric(scope, 'Failed', { Error: 'PolicyUnavailable' }),
      means:
        'Executions failed because the policy could not be read. Suture writes nothing until it can be read again.',
    },
    {
      name: 'findings-rejected',
      metric: ownMetric(scope, 'Triaged', { Route: 'reject' }),
      means:
        'Triage rejected a finding that is not what it claims to be. The ledger and the log of triage name it and the reason. The account that it names has probably not sent it: look in CloudTrail for BatchImportFindings.',
    },
    {
      name: 'finding-updates-refused',
      metric: ownMetric(scope, 'FindingUpdatesRefused'),
      means: `A message on the queue of updates is not one that a function of Suture sends. It was dropped. The log of ${namesIn(scope).function('finding-updates')} names the sender and the reason: a role of Suture may be in wrong hands.`,
    },
    {
      name: 'executions-aborted',
      metric: stateMachine.metricAborted({ period: PERIOD }),
      means: 'Somebody stopped executions. Their changes may be incomplete; their findings are recorded as failed.',
    },
    {
      name: 'executions-throttled',
      metric: stateMachine.metricThrottled({ period: PERIOD }),
      means: 'Step Functions throttles state transitions or StartExecution: findings wait longer. Nothing is lost.',
    },
    {
      name: 'finding-updates-old',
      metric: age(findingUpdates),
      threshold: Duration.hours(1).toSeconds(),
      means:
        'Updates of findings have waited for more than an hour: archived findings are still open, and fixed ones have no note.',
    },
    {
      name: 'failures-old',
      metric: age(failures),
      threshold: Duration.minutes(30).toSeconds(),
      means:
        'Failed executions have waited for more than half an hour to be recorded: the ledger does not show them yet.',
    },
    {
      name: 'ledger-reads-throttled',
      article: 'ledger-throttled',
      metric: throttled('ReadThrottleEvents'),
      means: 'DynamoDB throttles reads of the ledger; callers retry.',
    },
    {
      name: 'ledger-writes-throttled',
      article: 'ledger-throttled',
      metric: throttled('WriteThrottleEvents'),
      means: 'DynamoDB throttles writes to the ledger or one of its indexes; callers retry.',
    },
  ];
}
