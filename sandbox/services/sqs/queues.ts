/** Creates, finds, changes and describes queues. */
import type * as sdk from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/kernel.ts';
import { unbindPolicyText } from '../iam/bound-policy.ts';
import { checkQueueName, queueArn } from './access.ts';
import { revealDueMessages } from './arrivals.ts';
import {
  applyAttributes,
  bindQueuePolicy,
  checkRedrive,
  checkStandardAttributes,
  defaultAttributes,
  redrivePolicyOf,
} from './attributes.ts';
import { parseQueueArn, parseQueueUrl, type Queue, queueDoesNotExist, SQS, type SqsAt } from './state.ts';

/** The name of a deleted queue is free again after this period. */
const DELETION_SECONDS = 60;

export type ByUrl = { QueueUrl?: string | undefined };

export function queueIn(at: SqsAt, input: ByUrl): Queue {
  const { place, name } = parseQueueUrl(input.QueueUrl, at);
  const queue = at.kernel.state(SQS, place).queues.get(name);
  if (!queue) throw queueDoesNotExist();
  return queue;
}

/** The queue's account and Region can differ from the caller's. */
export const inQueuePlace = (at: SqsAt, queue: Queue): SqsAt => ({
  ...at,
  ...queue.place,
  state: at.kernel.state(SQS, queue.place),
});

export function addQueue(at: SqsAt, input: sdk.CreateQueueRequest): Queue {
  checkQueueName(input.QueueName, input.Attributes?.FifoQueue === 'true');
  if (input.Attributes?.FifoQueue !== 'true') checkStandardAttributes(input.Attributes ?? {});
  const name = input.QueueName;
  const { attributes: requested, principals } = bindQueuePolicy(at.kernel, input.Attributes ?? {});
  const attributes = applyAttributes(defaultAttributes(), requested);
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
  if (now - (at.state.deletedAt.get(name) ?? -Infinity) < DELETION_SECONDS * 1000)
    throw new AwsError(
      'QueueDeletedRecently',
      `You must wait ${DELETION_SECONDS} seconds after deleting a queue before you can create another with the same name.`,
    );
  const { partition, account, region } = at;
  const queue: Queue = {
    name,
    arn: queueArn(at, name),
    place: { partition, account, region },
    createdAt: now,
    modifiedAt: now,
    attributes,
    principals,
    tags: { ...input.tags },
    ready: new Map(),
    hidden: new Map(),
    sentByDedupId: new Map(),
    sequence: 0,
  };
  checkRedrive(at.state, queue);
  at.state.queues.set(name, queue);
  return queue;
}

export function setAttributes(at: SqsAt, queue: Queue, changes: Partial<Record<string, string>>): void {
  const { attributes: requested, principals } = bindQueuePolicy(at.kernel, changes);
  const attributes = applyAttributes(queue.attributes, requested);
  checkRedrive(at.kernel.state(SQS, queue.place), { arn: queue.arn, attributes });
  queue.attributes = attributes;
  if (changes.Policy !== undefined) queue.principals = principals;
  queue.modifiedAt = at.kernel.clock.now();
}

export function attributesOf(at: SqsAt, queue: Queue): Record<string, string> {
  revealDueMessages(at.kernel, queue);
  const { Policy } = queue.attributes;
  const hidden = [...queue.hidden.values()];
  const delayed = hidden.filter((message) => message.receiptHandle === undefined).length;
  return {
    ...queue.attributes,
    ...(Policy && { Policy: unbindPolicyText(at.kernel, Policy, queue.principals) }),
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(queue.ready.size),
    ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}

export function queueByName(at: SqsAt, input: { QueueName?: string; QueueOwnerAWSAccountId?: string }): Queue {
  const place = { ...at, account: input.QueueOwnerAWSAccountId ?? at.account };
  const queue = at.kernel.state(SQS, place).queues.get(input.QueueName ?? '');
  if (!queue) throw queueDoesNotExist();
  return queue;
}

export function queueByArn(at: SqsAt, arn: string | undefined): Queue {
  const queue = at.state.queues.get(parseQueueArn(arn ?? '')?.name ?? '');
  if (queue?.arn !== arn || !queue)
    throw new AwsError(
      'ResourceNotFoundException',
      "The resource that you specified for the SourceArn parameter doesn't exist.",
      404,
    );
  return queue;
}

export const sourcesOf = (at: SqsAt, arn: string): Queue[] =>
  [...at.state.queues.values()].filter((queue) => redrivePolicyOf(queue.attributes)?.deadLetterTargetArn === arn);
