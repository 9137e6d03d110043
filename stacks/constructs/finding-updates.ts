/** All updates of findings go through this queue, whose function sends them in batches. */
import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_BUS, functionName, LEDGER_TABLE } from '../names.ts';
import { publishAllowance } from './event-bus.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { deadLetterQueue, encryptedQueue } from './queue.ts';
import { items, keyUse } from './role.ts';

export const UPDATES = {
  /** The event source's batch. The function receives further messages itself. */
  batch: 10,
  /** Lambda's minimum: one invocation drains the queue, the other waits for the lease. */
  concurrency: 2,
  timeoutSeconds: 120,
} as const;

export type FindingUpdatesOptions = SecurityEnvironment & {
  readonly stateMachineArn: string;
};

export class FindingUpdates extends Construct {
  readonly queue: Queue;
  readonly consumer: SutureFunction;

  constructor(scope: Construct, id: string, { ledger, stateMachineArn, ...options }: FindingUpdatesOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const timeout = Duration.seconds(UPDATES.timeoutSeconds);
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'suture-finding-updates-dlq',
      key,
      topicArn,
      means:
        'Updates of findings failed fourteen times. Read the messages; after removing the cause, move them back to the queue (start a DLQ redrive).',
    });
    this.queue = encryptedQueue(this, 'Queue', {
      name: 'suture-finding-updates',
      key,
      // Six times the function's timeout, as Lambda's guide recommends for queues.
      visibilityTimeout: Duration.minutes(6 * timeout.toMinutes()),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 14 },
    });
    this.consumer = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('finding-updates'),
      description: 'Updates findings in Security Hub, a hundred per call',
      role: { name: functionName('finding-updates') },
      timeout,
      environment: { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL: this.queue.queueUrl },
      allows: [
        {
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
          on: this.queue.queueArn,
        },
        {
          actions: ['securityhub:BatchUpdateFindings'],
          on: `arn:${place.partition}:securityhub:${place.region}:${place.account}:hub/default`,
        },
        // IAM's reference lists no resource type, but Step Functions authorizes on the token's state machine, as SAM's
        // StepFunctionsCallbackPolicy and CDK's grantTaskResponse rely on. Approvals have a machine of their own.
        { actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'], on: stateMachineArn },
        items(ledger.tableArn, ['PutItem', 'DeleteItem'], ['lease#finding-updates']),
        items(ledger.tableArn, ['BatchWriteItem'], ['finding#*']),
        items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'statistics#*']),
        publishAllowance(place),
        keyUse(key, place.region, ['Decrypt'], ['dynamodb', 'sqs']),
      ],
      errorsMean:
        'Findings are not updated in Security Hub. The messages come back, first after 2 seconds and finally after 12 minutes. Look at the function and at the quota of BatchUpdateFindings.',
    });
    new EventSourceMapping(this, 'Source', {
      target: this.consumer.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: UPDATES.batch,
      maxConcurrency: UPDATES.concurrency,
      reportBatchItemFailures: true,
    });
  }
}
