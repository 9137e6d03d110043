/**
 * Standard queues, and FIFO queues with order within groups and deduplication.
 * Sources: SQS API reference and developer guide.
 */
import * as sdk from '@aws-sdk/client-sqs';
import { AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { queueArn, queueNeeds } from './access.ts';
import { revealDueMessages } from './arrivals.ts';
import { forEachEntry } from './batch.ts';
import { sqsComparison } from './comparison.ts';
import { describeMoveTask, startMessageMove } from './move.ts';
import {
  addQueue,
  attributesOf,
  type ByUrl,
  inQueuePlace,
  queueByArn,
  queueByName,
  queueIn,
  setAttributes,
  sourcesOf,
} from './queues.ts';
import { changeVisibility, deleteMessage, receiveMessages } from './receive.ts';
import { sqsResources } from './resources.ts';
import { invalidParameter, messageBytes, sendMessage } from './send.ts';
import { queueUrl, SQS, type SqsAt, type SqsState } from './state.ts';

/** Since August 2025, also the limit of one message. */
const MAX_BATCH_BYTES = 1_048_576;
/** SQS allows one purge of a queue in this period. */
const PURGE_INTERVAL_SECONDS = 60;
const queueOperation = (action: string, keyActions: readonly string[] = []) => ({
  needs: (input: ByUrl, at: SqsAt): Need[] => queueNeeds(at, queueIn(at, input), action, keyActions),
});
const sendOperation = queueOperation('SendMessage', ['kms:GenerateDataKey', 'kms:Decrypt']);

export const sqs = defineService<typeof sdk, SqsState>({
  ...SQS,
  ...sqsComparison,
  sdk,
  client: sdk.SQSClient,
  prefix: 'sqs',
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html
  trail: {
    unrecorded: [
      'ChangeMessageVisibility',
      'ChangeMessageVisibilityBatch',
      'DeleteMessage',
      'DeleteMessageBatch',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ListDeadLetterSourceQueues',
      'ListQueueTags',
      'ListQueues',
      'ReceiveMessage',
      'SendMessage',
      'SendMessageBatch',
    ],
  },
  refuses: {
    ReceiveMessage: ['ReceiveRequestAttemptId'],
  },
  throttling: { code: 'RequestThrottled', status: 403 },
  denial: { code: 'AccessDenied', status: 403 },
  keyDenial: { code: 'KmsAccessDenied', status: 400 },
  reads: ['ReceiveMessage'],
  operations: {
    CreateQueue: {
      needs: (input, at) => [{ action: 'sqs:CreateQueue', resource: queueArn(at, input.QueueName ?? '*') }],
      run: (input, at) => ({ QueueUrl: queueUrl(at.kernel, addQueue(at, input)) }),
    },
    DeleteQueue: {
      ...queueOperation('DeleteQueue'),
      run: (input, at) => {
        const queue = queueIn(at, input);
        const { queues, deletedAt } = at.kernel.state(SQS, queue.place);
        queues.delete(queue.name);
        deletedAt.set(queue.name, at.kernel.clock.now());
        queue.hidden.clear();
        queue.ready.clear();
        revealDueMessages(at.kernel, queue);
        return {};
      },
    },
    GetQueueUrl: {
      needs: (input, at) => queueNeeds(at, queueByName(at, input), 'GetQueueUrl'),
      run: (input, at) => ({ QueueUrl: queueUrl(at.kernel, queueByName(at, input)) }),
    },
    ListQueues: {
      run: (input, at) => {
        const matching = [...at.state.queues.values()].filter((queue) =>
          queue.name.startsWith(input.QueueNamePrefix ?? ''),
        );
        const page = pageOf(matching, input.NextToken, input.MaxResults ?? 1000, () =>
          invalidParameter('Invalid NextToken value.'),
        );
        return { QueueUrls: page.items.map((queue) => queueUrl(at.kernel, queue)), NextToken: page.nextToken };
      },
    },
    ListDeadLetterSourceQueues: {
      ...queueOperation('ListDeadLetterSourceQueues'),
      run: (input, at) => {
        const target = queueIn(at, input);
        return { queueUrls: sourcesOf(at, target.arn).map((queue) => queueUrl(at.kernel, queue)) };
      },
    },
    GetQueueAttributes: {
      ...queueOperation('GetQueueAttributes'),
      run: (input, at) => {
        const all = attributesOf(at, queueIn(at, input));
        const names = new Set<string>(input.AttributeNames ?? []);
        for (const name of names)
          if (name !== 'All' && !(name in all) && !OPTIONAL_ATTRIBUTES.has(name))
            throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
        const selected = Object.entries(all).filter(([name]) => names.has('All') || names.has(name));
        return { Attributes: Object.fromEntries(selected) };
      },
    },
    SetQueueAttributes: {
      ...queueOperation('SetQueueAttributes'),
      run: (input, at) => {
        setAttributes(at, queueIn(at, input), input.Attributes ?? {});
        return {};
      },
    },
    TagQueue: {
      ...queueOperation('TagQueue'),
      run: (input, at) => {
        Object.assign(queueIn(at, input).tags, input.Tags);
        return {};
      },
    },
    UntagQueue: {
      ...queueOperation('UntagQueue'),
      run: (input, at) => {
        const { tags } = queueIn(at, input);
        for (const key of input.TagKeys ?? []) delete tags[key];
        return {};
      },
    },
    ListQueueTags: {
      ...queueOperation('ListQueueTags'),
      run: (input, at) => ({ Tags: { ...queueIn(at, input).tags } }),
    },
    PurgeQueue: {
      ...queueOperation('PurgeQueue'),
      run: (input, at) => {
        const queue = queueIn(at, input);
        const now = at.kernel.clock.now();
        if (queue.purgedAt !== undefined && now - queue.purgedAt < PURGE_INTERVAL_SECONDS * 1000)
          throw new AwsError(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every ${PURGE_INTERVAL_SECONDS} seconds.`,
            403,
          );
        queue.purgedAt = now;
        queue.ready.clear();
        queue.hidden.clear();
        revealDueMessages(at.kernel, queue);
        return {};
      },
    },
    SendMessage: { ...sendOperation, run: (input, at) => sendMessage(at, queueIn(at, input), input) },
    SendMessageBatch: {
      ...sendOperation,
      run: (input, at) => {
        const queue = queueIn(at, input);
        const size = (input.Entries ?? []).reduce((sum, entry) => sum + messageBytes(entry), 0);
        if (size > MAX_BATCH_BYTES)
          throw new AwsError(
            'BatchRequestTooLong',
            `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${size} bytes.`,
          );
        return forEachEntry(input.Entries, (entry) => {
          const { MessageId, MD5OfMessageBody, ...rest } = sendMessage(at, queue, entry);
          return { MessageId, MD5OfMessageBody, ...rest };
        });
      },
    },
    ReceiveMessage: {
      ...queueOperation('ReceiveMessage', ['kms:Decrypt']),
      run: async (input, at) => {
        const queue = queueIn(at, input);
        const messages = await receiveMessages(inQueuePlace(at, queue), queue, input);
        return messages.length > 0 ? { Messages: messages } : {};
      },
    },
    DeleteMessage: {
      ...queueOperation('DeleteMessage'),
      run: (input, at) => {
        deleteMessage(at, queueIn(at, input), input.ReceiptHandle);
        return {};
      },
    },
    DeleteMessageBatch: {
      ...queueOperation('DeleteMessage'),
      run: (input, at) => {
        const queue = queueIn(at, input);
        return forEachEntry(input.Entries, (entry) => {
          deleteMessage(at, queue, entry.ReceiptHandle);
          return {};
        });
      },
    },
    ChangeMessageVisibility: {
      ...queueOperation('ChangeMessageVisibility'),
      run: (input, at) => {
        changeVisibility(at, queueIn(at, input), input.ReceiptHandle, input.VisibilityTimeout ?? 0);
        return {};
      },
    },
    ChangeMessageVisibilityBatch: {
      ...queueOperation('ChangeMessageVisibility'),
      run: (input, at) => {
        const queue = queueIn(at, input);
        return forEachEntry(input.Entries, (entry) => {
          changeVisibility(at, queue, entry.ReceiptHandle, entry.VisibilityTimeout ?? 0);
          return {};
        });
      },
    },
    StartMessageMoveTask: {
      needs: (input, at) => moveNeeds(at, input.SourceArn, input.DestinationArn),
      run: (input, at) =>
        startMessageMove(at, queueByArn(at, input.SourceArn), input, sourcesOf(at, input.SourceArn ?? '').length > 0),
    },
    ListMessageMoveTasks: {
      needs: (input, at) => queueNeeds(at, queueByArn(at, input.SourceArn), 'ListMessageMoveTasks'),
      run: (input, at) => ({
        Results: at.state.moveTasks
          .filter((task) => task.source === input.SourceArn)
          .reverse()
          .slice(0, input.MaxResults ?? 1)
          .map(describeMoveTask),
      }),
    },
  },
  resources: sqsResources,
});

const OPTIONAL_ATTRIBUTES = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
]);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
function moveNeeds(at: SqsAt, source: string | undefined, destination: string | undefined): Need[] {
  const from = queueByArn(at, source);
  const to = destination === undefined ? sourcesOf(at, from.arn) : [queueByArn(at, destination)];
  return ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage']
    .flatMap((action) => queueNeeds(at, from, action))
    .concat(to.flatMap((queue) => queueNeeds(at, queue, 'SendMessage')));
}
