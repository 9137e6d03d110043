/**
 * Amazon SQS: standard queues, and FIFO queues as far as order within groups and deduplication go.
 * Sources: SQS API reference and developer guide.
 */
import * as sdk from '@aws-sdk/client-sqs';
import { type At, AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { checkName, queueArn, queueNeeds } from './access.ts';
import { surface } from './arrivals.ts';
import { changedAttributes, checkRedrive, defaultAttributes, redrivePolicyOf } from './attributes.ts';
import { inBatch } from './batch.ts';
import { moveTask, startMove } from './move.ts';
import { changeVisibility, receive, remove } from './receive.ts';
import { sqsResources } from './resources.ts';
import { invalidParameter, send, sizeOf } from './send.ts';
import {
  newState,
  parseQueueArn,
  parseQueueUrl,
  type Queue,
  queueDoesNotExist,
  type SqsState,
  urlOf,
} from './state.ts';

export { onMessage } from './arrivals.ts';

/** Bytes of one message, and of a batch together, since August 2025. */
const maxBatchBytes = 1_048_576;
/** Seconds in which a queue is purged once. */
const purgeSeconds = 60;

type ByUrl = { QueueUrl?: string | undefined };

function find(at: At<SqsState>, input: ByUrl): Queue {
  const { place, name } = parseQueueUrl(input.QueueUrl, at);
  const queue = at.kernel.state(sqs, place).queues.get(name);
  if (!queue) throw queueDoesNotExist();
  return queue;
}

/** The call as it looks from the queue's account and Region, which need not be those of the caller. */
const home = (at: At<SqsState>, queue: Queue): At<SqsState> => ({
  ...at,
  ...queue.place,
  state: at.kernel.state(sqs, queue.place),
});

/** Needs of an operation on one queue; senders also need the data key of an encrypted queue, receivers its decryption. */
const on = (action: string, keyActions: readonly string[] = []) => ({
  needs: (input: ByUrl, at: At<SqsState>): Need[] => queueNeeds(at, find(at, input), action, keyActions),
});
const sending = on('SendMessage', ['kms:GenerateDataKey', 'kms:Decrypt']);

export const sqs = defineService<typeof sdk, SqsState>({
  name: 'sqs',
  sdk,
  client: sdk.SQSClient,
  prefix: 'sqs',
  scope: 'region',
  state: newState,
  operations: {
    CreateQueue: {
      needs: (input, at) => [{ action: 'sqs:CreateQueue', resource: queueArn(at, input.QueueName ?? '*') }],
      run: (input, at) => ({ QueueUrl: urlOf(at.kernel, createQueue(at, input)) }),
    },
    DeleteQueue: {
      ...on('DeleteQueue'),
      run: (input, at) => {
        const queue = find(at, input);
        at.kernel.state(sqs, queue.place).queues.delete(queue.name);
        queue.hidden.clear();
        queue.ready.clear();
        surface(at.kernel, queue);
        return {};
      },
    },
    GetQueueUrl: {
      needs: (input, at) => queueNeeds(at, named(at, input), 'GetQueueUrl'),
      run: (input, at) => ({ QueueUrl: urlOf(at.kernel, named(at, input)) }),
    },
    ListQueues: {
      run: (input, at) => {
        const matching = [...at.state.queues.values()].filter((queue) =>
          queue.name.startsWith(input.QueueNamePrefix ?? ''),
        );
        const page = pageOf(matching, input.NextToken, input.MaxResults ?? 1000, () =>
          invalidParameter('Invalid NextToken value.'),
        );
        return { QueueUrls: page.items.map((queue) => urlOf(at.kernel, queue)), NextToken: page.nextToken };
      },
    },
    ListDeadLetterSourceQueues: {
      ...on('ListDeadLetterSourceQueues'),
      run: (input, at) => {
        const target = find(at, input);
        return { queueUrls: sourcesOf(at, target.arn).map((queue) => urlOf(at.kernel, queue)) };
      },
    },
    GetQueueAttributes: {
      ...on('GetQueueAttributes'),
      run: (input, at) => {
        const all = attributesOf(at, find(at, input));
        const names = new Set<string>(input.AttributeNames ?? []);
        for (const name of names)
          if (name !== 'All' && !(name in all) && !optionalAttributes.has(name))
            throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
        const asked = Object.entries(all).filter(([name]) => names.has('All') || names.has(name));
        return { Attributes: Object.fromEntries(asked) };
      },
    },
    SetQueueAttributes: {
      ...on('SetQueueAttributes'),
      run: (input, at) => {
        setAttributes(at, find(at, input), input.Attributes ?? {});
        return {};
      },
    },
    TagQueue: {
      ...on('TagQueue'),
      run: (input, at) => {
        Object.assign(find(at, input).tags, input.Tags);
        return {};
      },
    },
    UntagQueue: {
      ...on('UntagQueue'),
      run: (input, at) => {
        const { tags } = find(at, input);
        for (const key of input.TagKeys ?? []) delete tags[key];
        return {};
      },
    },
    ListQueueTags: { ...on('ListQueueTags'), run: (input, at) => ({ Tags: { ...find(at, input).tags } }) },
    PurgeQueue: {
      ...on('PurgeQueue'),
      run: (input, at) => {
        const queue = find(at, input);
        const now = at.kernel.clock.now();
        if (queue.purgedAt !== undefined && now - queue.purgedAt < purgeSeconds * 1000)
          throw new AwsError(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every ${purgeSeconds} seconds.`,
            403,
          );
        queue.purgedAt = now;
        queue.ready.clear();
        queue.hidden.clear();
        surface(at.kernel, queue);
        return {};
      },
    },
    SendMessage: { ...sending, run: (input, at) => send(at, find(at, input), input) },
    SendMessageBatch: {
      ...sending,
      run: (input, at) => {
        const queue = find(at, input);
        const size = (input.Entries ?? []).reduce((sum, entry) => sum + sizeOf(entry), 0);
        if (size > maxBatchBytes)
          throw new AwsError(
            'BatchRequestTooLong',
            `Batch requests cannot be longer than ${maxBatchBytes} bytes. You have sent ${size} bytes.`,
          );
        return inBatch(input.Entries, (entry) => {
          const { MessageId, MD5OfMessageBody, ...rest } = send(at, queue, entry);
          return { MessageId, MD5OfMessageBody, ...rest };
        });
      },
    },
    ReceiveMessage: {
      ...on('ReceiveMessage', ['kms:Decrypt']),
      run: async (input, at) => {
        const queue = find(at, input);
        const messages = await receive(home(at, queue), queue, input);
        return messages.length > 0 ? { Messages: messages } : {};
      },
    },
    DeleteMessage: {
      ...on('DeleteMessage'),
      run: (input, at) => {
        remove(at, find(at, input), input.ReceiptHandle);
        return {};
      },
    },
    DeleteMessageBatch: {
      ...on('DeleteMessage'),
      run: (input, at) => {
        const queue = find(at, input);
        return inBatch(input.Entries, (entry) => {
          remove(at, queue, entry.ReceiptHandle);
          return {};
        });
      },
    },
    ChangeMessageVisibility: {
      ...on('ChangeMessageVisibility'),
      run: (input, at) => {
        changeVisibility(at, find(at, input), input.ReceiptHandle, input.VisibilityTimeout ?? 0);
        return {};
      },
    },
    ChangeMessageVisibilityBatch: {
      ...on('ChangeMessageVisibility'),
      run: (input, at) => {
        const queue = find(at, input);
        return inBatch(input.Entries, (entry) => {
          changeVisibility(at, queue, entry.ReceiptHandle, entry.VisibilityTimeout ?? 0);
          return {};
        });
      },
    },
    StartMessageMoveTask: {
      needs: (input, at) => moveNeeds(at, input.SourceArn, input.DestinationArn),
      run: (input, at) =>
        startMove(at, byArn(at, input.SourceArn), input, sourcesOf(at, input.SourceArn ?? '').length > 0),
    },
    ListMessageMoveTasks: {
      needs: (input, at) => queueNeeds(at, byArn(at, input.SourceArn), 'ListMessageMoveTasks'),
      run: (input, at) => ({
        Results: at.state.moveTasks
          .filter((task) => task.source === input.SourceArn)
          .reverse()
          .slice(0, input.MaxResults ?? 1)
          .map(moveTask),
      }),
    },
  },
  resources: sqsResources,
});

const optionalAttributes = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
]);

function createQueue(at: At<SqsState>, input: sdk.CreateQueueRequest): Queue {
  checkName(input.QueueName, input.Attributes?.FifoQueue === 'true');
  const name = input.QueueName;
  const attributes = changedAttributes(defaultAttributes(), input.Attributes ?? {});
  const existing = at.state.queues.get(name);
  if (existing) {
    const differs = Object.keys(input.Attributes ?? {}).find((key) => existing.attributes[key] !== attributes[key]);
    if (differs)
      throw new AwsError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${differs}`,
      );
    return existing;
  }
  const now = at.kernel.clock.now();
  const { partition, account, region } = at;
  const queue: Queue = {
    name,
    arn: queueArn(at, name),
    place: { partition, account, region },
    createdAt: now,
    modifiedAt: now,
    attributes,
    tags: { ...input.tags },
    ready: new Map(),
    hidden: new Map(),
    deduplicated: new Map(),
    sequence: 0,
  };
  checkRedrive(at.state, queue);
  at.state.queues.set(name, queue);
  return queue;
}

function setAttributes(at: At<SqsState>, queue: Queue, changes: Partial<Record<string, string>>): void {
  const attributes = changedAttributes(queue.attributes, changes);
  checkRedrive(at.kernel.state(sqs, queue.place), { arn: queue.arn, attributes });
  queue.attributes = attributes;
  queue.modifiedAt = at.kernel.clock.now();
}

function attributesOf(at: At<SqsState>, queue: Queue): Record<string, string> {
  surface(at.kernel, queue);
  const hidden = [...queue.hidden.values()];
  const delayed = hidden.filter((message) => message.receiptHandle === undefined).length;
  return {
    ...queue.attributes,
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(queue.ready.size),
    ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}

function named(at: At<SqsState>, input: { QueueName?: string; QueueOwnerAWSAccountId?: string }): Queue {
  const place = { ...at, account: input.QueueOwnerAWSAccountId ?? at.account };
  const queue = at.kernel.state(sqs, place).queues.get(input.QueueName ?? '');
  if (!queue) throw queueDoesNotExist();
  return queue;
}

function byArn(at: At<SqsState>, arn: string | undefined): Queue {
  const queue = at.state.queues.get(parseQueueArn(arn ?? '')?.name ?? '');
  if (queue?.arn !== arn || !queue)
    throw new AwsError(
      'ResourceNotFoundException',
      "The resource that you specified for the SourceArn parameter doesn't exist.",
      404,
    );
  return queue;
}

/** A move receives and deletes at its source and sends to its destination, as its caller. */
function moveNeeds(at: At<SqsState>, source: string | undefined, destination: string | undefined): Need[] {
  const from = byArn(at, source);
  const to = destination === undefined ? [] : queueNeeds(at, byArn(at, destination), 'SendMessage');
  return ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage']
    .flatMap((action) => queueNeeds(at, from, action))
    .concat(to);
}

const sourcesOf = (at: At<SqsState>, arn: string): Queue[] =>
  [...at.state.queues.values()].filter((queue) => redrivePolicyOf(queue.attributes)?.deadLetterTargetArn === arn);
