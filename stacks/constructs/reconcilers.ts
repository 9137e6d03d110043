import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { HIDDEN, INDEXES, SUPPRESSIONS } from '../../functions/domain/ledger.ts';
import { namesIn } from '../names.ts';
import { alarm } from './alarms.ts';
import { publishAllowance } from './event-bus.ts';
import { executionsAllowance } from './failures.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { ownMetric } from './metrics.ts';
import { policyReader } from './policy-configuration.ts';
import { type Allowance, type FixedRole, items, keyUse } from './role.ts';
import { addSchedule } from './schedule.ts';

export type ReconcilersOptions = SecurityEnvironment & {
  readonly stateMachineArn: string;
  readonly failures: IQueue;
  readonly findingUpdates: IQueue;
  /** ARNs of Security Hub's own product in the Regions of the context. */
  readonly products: readonly string[];
};

export class Reconcilers extends Construct {
  readonly recurringFindings: FixedRole;

  constructor(scope: Construct, id: string, options: ReconcilersOptions) {
    super(scope, id);
    orphanedExecutions(this, options);
    this.recurringFindings = recurringFindings(this, options);
  }
}

function orphanedExecutions(
  scope: Construct,
  { ledger, stateMachineArn, failures, findingUpdates, products: _, ...options }: ReconcilersOptions,
) {
  const { place, key } = options;
  const reconciler = new SutureFunction(scope, 'OrphanedExecutions', {
    ...options,
    name: 'orphaned-executions',
    description: 'Finds executions that ended without an entry in the ledger',
    timeout: Duration.minutes(15),
    environment: {
      LEDGER_TABLE: namesIn(scope).ledgerTable,
      STATE_MACHINE_ARN: stateMachineArn,
      FAILURES_QUEUE_URL: failures.queueUrl,
    },
    allows: [
      { actions: ['states:ListExecutions'], on: stateMachineArn },
      executionsAllowance(place, ['states:DescribeExecution']),
      queryIndexes(ledger, ['trace', 'ofStatus']),
      items(ledger.tableArn, ['GetItem', 'PutItem', 'UpdateItem'], ['finding#*']),
      items(ledger.tableArn, ['GetItem', 'PutItem'], ['watermarks']),
      { actions: ['sqs:SendMessage'], on: failures.queueArn },
      keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs', 'states']),
    ],
    errorsMean:
      'Executions whose events got lost are not being found: the ledger may show failed findings as open. The next run catches up.',
  });
  addSchedule(reconciler.function, {
    name: 'orphaned-executions',
    description: 'Finds executions that ended without an entry in the ledger',
    every: 'rate(3 hours)',
  });
}

function recurringFindings(
  scope: Construct,
  { ledger, stateMachineArn, failures, findingUpdates, products, ...options }: ReconcilersOptions,
): FixedRole {
  const { place, key, topicArn } = options;
  const reconciler = new SutureFunction(scope, 'RecurringFindings', {
    ...options,
    name: 'recurring-findings',
    description: 'Reopens findings that still fail after their fix, or whose suppression has ended',
    timeout: Duration.minutes(15),
    environment: {
      ...policyReader(options.place).environment,
      LEDGER_TABLE: namesIn(scope).ledgerTable,
      SECURITY_HUB_PRODUCTS: products.join(','),
      EVENT_BUS: namesIn(scope).eventBus,
      FINDING_UPDATES_QUEUE_URL: findingUpdates.queueUrl,
    },
    allows: [
      ...policyReader(options.place).allows,
      {
        actions: ['securityhub:GetFindings'],
        on: `arn:${place.partition}:securityhub:${place.region}:${place.account}:hub/default`,
      },
      queryIndexes(ledger, ['ofSuppression']),
      items(ledger.tableArn, ['GetItem', 'UpdateItem'], ['finding#*']),
      items(ledger.tableArn, ['Query', 'UpdateItem', 'DeleteItem'], [SUPPRESSIONS]),
      items(ledger.tableArn, ['PutItem'], [HIDDEN]),
      { actions: ['sqs:SendMessage'], on: findingUpdates.queueArn },
      publishAllowance(place),
      keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs']),
    ],
    errorsMean:
      'Findings that still fail after their fix are not reopened today, or findings of ended suppressions not this hour. Look at its log and at the quota of GetFindings; the next run catches up.',
  });
  addSchedule(reconciler.function, {
    name: 'recurring-findings',
    description: 'Reopens findings that still fail a day after their fix',
    every: 'cron(40 5 * * ? *)',
  });
  addSchedule(reconciler.function, {
    name: 'ended-suppressions',
    description: 'Reopens findings whose suppression has ended',
    every: 'cron(25 * * * ? *)',
    input: { task: 'suppressions' },
  });
  alarm(reconciler, 'GivenUp', {
    name: 'recurring-findings',
    metric: ownMetric(scope, 'GivenUp', {}, { statistic: 'Maximum', period: Duration.days(1) }),
    means:
      'Findings still fail after Suture fixed them three times: something reverts the fix, or the control checks something else. They stay NOTIFIED until a person looks.',
    topicArn,
  });
  return reconciler.role;
}

const queryIndexes = (ledger: ITable, keys: readonly (keyof typeof INDEXES)[]): Allowance => ({
  actions: ['dynamodb:Query'],
  on: keys.map((key) => `${ledger.tableArn}/index/${INDEXES[key].name}`),
});
