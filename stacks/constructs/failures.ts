/** What becomes of executions that fail: their events go by way of a queue to the function that records and tells them. */
import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_BUS, functionName, LEDGER_TABLE, STATE_MACHINE } from '../names.ts';
import { publishEvents } from './event-bus.ts';
import { type SecuritySurroundings, SutureFunction } from './function.ts';
import type { KeyPlace } from './key.ts';
import { deadLetterQueue, encryptedQueue } from './queue.ts';
import { type Allowance, items, keyUse } from './role.ts';

export type FailuresOptions = SecuritySurroundings & {
  readonly stateMachineArn: string;
};

export class Failures extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { ledger, stateMachineArn, ...options }: FailuresOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const timeout = Duration.minutes(2);
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'suture-failures-dlq',
      key,
      topicArn,
      means:
        'Failed executions could not be recorded: the ledger does not know of them, and nobody was told. The messages name the executions.',
    });
    this.queue = encryptedQueue(this, 'Queue', {
      name: 'suture-failures',
      key,
      // Six times the function's time-out, as Lambda's guide says for queues.
      visibilityTimeout: Duration.minutes(6 * timeout.toMinutes()),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
    const rule = new CfnRule(this, 'Rule', {
      name: 'suture-failures',
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
          // Nothing of the finding goes through the queue.
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
    const made = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('failures'),
      description: 'Records executions that failed, and tells of them',
      role: { name: functionName('failures') },
      timeout,
      environment: { LEDGER_TABLE, EVENT_BUS },
      allows: [
        { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], on: this.queue.queueArn },
        onExecutions(place, ['states:GetExecutionHistory']),
        items(ledger.tableArn, ['PutItem'], ['finding#*']),
        items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'statistics#*']),
        publishEvents(place),
        keyUse(key, place.region, ['Decrypt'], ['dynamodb', 'sqs', 'states']),
      ],
      errorsMean:
        'Failed executions are not recorded at the moment; their messages come back after 12 minutes, five times.',
    });
    new EventSourceMapping(this, 'Source', {
      target: made.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(2),
      // Two, which stay below the quota of GetExecutionHistory.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
  }
}

/** Actions on the executions of the workflow. */
export const onExecutions = ({ partition, region, account }: KeyPlace, actions: readonly string[]): Allowance => ({
  actions,
  on: `arn:${partition}:states:${region}:${account}:execution:${STATE_MACHINE}:*`,
  because: 'Executions are named by the events that start them',
});
