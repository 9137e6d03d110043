/** The one way by which findings are updated: a queue, and the function that sends its messages in batches. */
import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_BUS, functionName, LEDGER_TABLE } from '../names.ts';
import { publishEvents } from './event-bus.ts';
import { type SecuritySurroundings, SutureFunction } from './function.ts';
import { deadLetterQueue, encryptedQueue } from './queue.ts';
import { items, keyUse } from './role.ts';

export const UPDATES = {
  /** Messages that begin an invocation, as soon as there are any: it receives all that follow by itself. */
  batch: 10,
  /** As few as Lambda allows: one drains, the other waits for its turn. */
  concurrency: 2,
  timeoutSeconds: 120,
} as const;

export type FindingUpdatesOptions = SecuritySurroundings & {
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
        'Updates of findings failed fourteen times. Read the messages; when the cause is gone, move them back to the queue (start a DLQ redrive).',
    });
    this.queue = encryptedQueue(this, 'Queue', {
      name: 'suture-finding-updates',
      key,
      // Six times the function's time-out, as Lambda's guide says for queues.
      visibilityTimeout: Duration.minutes(6 * timeout.toMinutes()),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 14 },
    });
    this.consumer = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('finding-updates'),
      description: 'Updates findings in Security Hub, a hundred a call',
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
        // The state machine, as in SAM's StepFunctionsCallbackPolicy, though IAM's reference lists no resource for them.
        { actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'], on: stateMachineArn },
        items(ledger.tableArn, ['PutItem', 'DeleteItem'], ['lease#finding-updates']),
        items(ledger.tableArn, ['BatchWriteItem'], ['finding#*']),
        items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'statistics#*']),
        publishEvents(place),
        items(ledger.tableArn, ['PutItem'], ['approvals']),
        keyUse(key, place.region, ['Decrypt'], ['dynamodb', 'sqs']),
      ],
      errorsMean:
        'Findings are not updated in Security Hub; the messages come back, after 2 seconds first and 12 minutes at last. Look at the function and at the quota of BatchUpdateFindings.',
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
