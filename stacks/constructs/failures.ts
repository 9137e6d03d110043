/** Events of failed executions reach, through a queue, the function that records and publishes them. */
import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { namesOf } from '../../functions/domain/names.ts';
import { namesIn } from '../names.ts';
import { publishAllowance } from './event-bus.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import type { KeyPlace } from './key.ts';
import { deadLetterQueue, encryptedQueue } from './queue.ts';
import { type Allowance, type FixedRole, items, keyUse } from './role.ts';

export type FailuresOptions = SecurityEnvironment & {
  readonly stateMachineArn: string;
  readonly findingUpdates: IQueue;
};

const TIMEOUT = Duration.minutes(2);

export class Failures extends Construct {
  readonly queue: Queue;
  readonly role: FixedRole;

  constructor(scope: Construct, id: string, { ledger, stateMachineArn, findingUpdates, ...options }: FailuresOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const names = namesIn(this);
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'failures-dlq',
      key,
      topicArn,
      means:
        'Failed executions could not be recorded: they are missing from the ledger, and nobody was notified. The messages name the executions.',
    });
    this.queue = encryptedQueue(this, 'Queue', {
      name: 'failures',
      key,
      // Six times the function's timeout, as Lambda's guide recommends for queues.
      visibilityTimeout: Duration.minutes(6 * TIMEOUT.toMinutes()),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
    this.addRule(stateMachineArn, deadLetters);
    const consumer = new SutureFunction(this, 'Function', {
      ...options,
      name: 'failures',
      description: 'Records failed executions and publishes them',
      timeout: TIMEOUT,
      environment: {
        LEDGER_TABLE: names.ledgerTable,
        EVENT_BUS: names.eventBus,
        FINDING_UPDATES_QUEUE_URL: findingUpdates.queueUrl,
      },
      allows: [
        { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], on: this.queue.queueArn },
        executionsAllowance(place, ['states:GetExecutionHistory']),
        items(ledger.tableArn, ['PutItem'], ['finding#*']),
        items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'statistics#*']),
        publishAllowance(place),
        { actions: ['sqs:SendMessage'], on: findingUpdates.queueArn },
        keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs', 'states']),
      ],
      errorsMean:
        'Failed executions are not being recorded; their messages come back after 12 minutes, up to five times.',
    });
    this.role = consumer.role;
    new EventSourceMapping(this, 'Source', {
      target: consumer.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(2),
      // Two stay below the quota of GetExecutionHistory.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
  }

  private addRule(stateMachineArn: string, deadLetters: Queue): void {
    const rule = new CfnRule(this, 'Rule', {
      name: namesIn(this).own('failures'),
      description: 'Executions of the workflow that failed',
      eventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [
        {
          id: 'queue',
          arn: this.queue.queueArn,
          // Keeps the finding itself out of the queue.
          inputTransformer: {
            inputPathsMap: { execution: '$.detail.executionArn', started: '$.detail.startDate' },
            inputTemplate: '{"execution": <execution>, "started": <started>}',
          },
          deadLetterConfig: { arn: deadLetters.queueArn },
        },
      ],
    });
    for (const queue of [this.queue, deadLetters])
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid: 'FailedExecutions',
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
        }),
      );
  }
}

export const executionsAllowance = (
  { prefix, partition, region, account }: KeyPlace,
  actions: readonly string[],
): Allowance => ({
  actions,
  on: `arn:${partition}:states:${region}:${account}:execution:${namesOf({ prefix }).stateMachine}:*`,
  because: 'The events that start executions name them',
});
