/** Functions that look by the clock for what events did not bring: ends that got lost, and fixes that did not help. */
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { INDEXES } from '../../functions/domain/ledger.ts';
import { EVENT_BUS, functionName, LEDGER_TABLE } from '../names.ts';
import { alarm } from './alarms.ts';
import { publishEvents } from './event-bus.ts';
import { onExecutions } from './failures.ts';
import { type SecuritySurroundings, SutureFunction } from './function.ts';
import { type Allowance, items, keyUse } from './role.ts';
import { runs } from './schedule.ts';

export type ReconcilersOptions = SecuritySurroundings & {
  readonly stateMachineArn: string;
  readonly failures: IQueue;
  readonly findingUpdates: IQueue;
};

export class Reconcilers extends Construct {
  constructor(scope: Construct, id: string, options: ReconcilersOptions) {
    super(scope, id);
    orphanedExecutions(this, options);
    recurringFindings(this, options);
  }
}

function orphanedExecutions(
  scope: Construct,
  { ledger, stateMachineArn, failures, findingUpdates, ...options }: ReconcilersOptions,
) {
  const { place, key } = options;
  const made = new SutureFunction(scope, 'OrphanedExecutions', {
    ...options,
    name: functionName('orphaned-executions'),
    description: 'Finds executions that are over without the ledger knowing',
    role: { name: functionName('orphaned-executions') },
    timeout: Duration.minutes(15),
    environment: { LEDGER_TABLE, STATE_MACHINE_ARN: stateMachineArn, FAILURES_QUEUE_URL: failures.queueUrl },
    allows: [
      { actions: ['states:ListExecutions'], on: stateMachineArn },
      onExecutions(place, ['states:DescribeExecution']),
      queryIndexes(ledger, ['trace', 'ofStatus']),
      items(ledger.tableArn, ['GetItem', 'PutItem', 'UpdateItem'], ['finding#*']),
      items(ledger.tableArn, ['GetItem', 'PutItem'], ['watermarks']),
      { actions: ['sqs:SendMessage'], on: failures.queueArn },
      keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs', 'states']),
    ],
    errorsMean:
      'Executions whose events got lost are not found at the moment: the ledger may show findings as open that failed. Its next run makes up for it.',
  });
  runs(made.function, {
    name: 'suture-orphaned-executions',
    description: 'Looks for executions that are over without the ledger knowing',
    every: 'rate(3 hours)',
  });
}

function recurringFindings(
  scope: Construct,
  { ledger, stateMachineArn, failures, findingUpdates, ...options }: ReconcilersOptions,
) {
  const { place, key, topicArn } = options;
  const made = new SutureFunction(scope, 'RecurringFindings', {
    ...options,
    name: functionName('recurring-findings'),
    description: 'Takes findings back to NEW that still fail a day after their fix',
    role: { name: functionName('recurring-findings') },
    timeout: Duration.minutes(15),
    environment: { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL: findingUpdates.queueUrl },
    allows: [
      {
        actions: ['securityhub:GetFindings'],
        on: `arn:${place.partition}:securityhub:${place.region}:${place.account}:hub/default`,
      },
      items(ledger.tableArn, ['GetItem', 'UpdateItem'], ['finding#*']),
      { actions: ['sqs:SendMessage'], on: findingUpdates.queueArn },
      publishEvents(place),
      keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs']),
    ],
    errorsMean:
      'Findings that still fail though they were fixed are not taken up again. It goes on tomorrow; look at its log and at the quota of GetFindings.',
  });
  runs(made.function, {
    name: 'suture-recurring-findings',
    description: 'Looks for findings that still fail a day after their fix',
    every: 'cron(40 5 * * ? *)',
  });
  alarm(made, 'GivenUp', {
    name: 'recurring-findings',
    metric: new Metric({
      namespace: 'Suture',
      metricName: 'GivenUp',
      dimensionsMap: { service: 'suture' },
      statistic: 'Maximum',
      period: Duration.days(1),
    }),
    means:
      'Findings fail though Suture fixed them three times: something undoes the fix, or the control looks at something else. They stay NOTIFIED until somebody looks.',
    topicArn,
  });
}

/** Queries by indexes of the ledger, whatever is asked for. */
const queryIndexes = (ledger: ITable, keys: readonly (keyof typeof INDEXES)[]): Allowance => ({
  actions: ['dynamodb:Query'],
  on: keys.map((key) => `${ledger.tableArn}/index/${INDEXES[key].name}`),
});
