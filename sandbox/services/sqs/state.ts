import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';

export type Message = {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly senderId: string;
  readonly sentAt: number;
  readonly groupId?: string;
  readonly dedupId?: string;
  readonly sequenceNumber?: string;
  readonly traceHeader?: string;
  /** ARN of the queue this message was dead-lettered from. */
  readonly deadLetterSource?: string;
  /** Milliseconds since 1970 from which on it can be received. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  receiptHandle?: string;
};

export type Queue = {
  readonly name: string;
  readonly arn: string;
  readonly place: AwsPlace;
  readonly createdAt: number;
  modifiedAt: number;
  /** As SetQueueAttributes takes them, defaults filled in. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  /** Can be received now, oldest first, by message id. */
  ready: Map<string, Message>;
  /** Delayed or in flight, by message id. */
  hidden: Map<string, Message>;
  purgedAt?: number;
  /** FIFO only: deduplication id → message id and when it was sent. */
  deduplicated: Map<string, { messageId: string; sequenceNumber: string; sentAt: number }>;
  sequence: number;
};

export type MoveTask = {
  readonly handle: string;
  readonly source: string;
  readonly destination?: string;
  readonly startedAt: number;
  readonly toMove: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  failure?: string;
};

export type SqsState = { readonly queues: Map<string, Queue>; readonly moveTasks: MoveTask[] };

export const newState = (): SqsState => ({ queues: new Map(), moveTasks: [] });

/** The URL under which the sandbox answers for a queue. */
export const urlOf = (kernel: Kernel, queue: { place: AwsPlace; name: string }): string =>
  `${kernel.endpoint}/${queue.place.account}/${queue.name}`;

/** Where a queue of this ARN lives, and its name. */
export function parseQueueArn(arn: string): { place: AwsPlace; name: string } | undefined {
  const match = /^arn:([^:]+):sqs:([^:]+):(\d{12}):([\w-]+(?:\.fifo)?)$/.exec(arn);
  if (!match) return undefined;
  const [, partition, region, account, name] = match as unknown as [string, string, string, string, string];
  return { place: { partition, account, region }, name };
}

/**
 * Where a queue of this URL lives. The sandbox's own URLs bear no Region: they mean that of the call.
 * `https://sqs.<region>.amazonaws.com/<account>/<name>` is understood too.
 */
export function parseQueueUrl(url: string | undefined, from: AwsPlace): { place: AwsPlace; name: string } {
  if (!url) throw new AwsError('MissingParameter', 'The request must contain the parameter QueueUrl.');
  const match =
    /^(?:https?:\/\/([^/]+))?\/?(?:queue\/)?(?:([a-z]{2}(?:-[a-z]+)+-\d)\/)?(\d{12})\/([\w-]+(?:\.fifo)?)$/.exec(url);
  if (!match) throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`, 404);
  const [, host, pathRegion, account, name] = match;
  const hostRegion = /^(?:sqs\.([a-z0-9-]+)\.amazonaws\.com|([a-z0-9-]+)\.queue\.amazonaws\.com)/.exec(host ?? '');
  const region = pathRegion ?? hostRegion?.[1] ?? hostRegion?.[2] ?? from.region;
  return { place: { partition: from.partition, account: account!, region }, name: name! };
}

export const queueDoesNotExist = (): AwsError =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

export const isFifo = (queue: { name: string }): boolean => queue.name.endsWith('.fifo');

/** An attribute that is a number; all of these have defaults, so it is always there. */
export const numberAttribute = (queue: Queue, name: string): number => Number(queue.attributes[name]);
