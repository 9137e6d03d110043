import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { type At, AwsError, type AwsPlace, type Kernel, type StateKey } from '../../kernel/kernel.ts';
import type { PrincipalNames } from '../iam/state.ts';

export type SqsMessage = {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly senderId: string;
  readonly sentAt: number;
  readonly groupId?: string;
  readonly dedupId?: string;
  readonly sequenceNumber?: string;
  readonly traceHeader?: string;
  readonly deadLetterSource?: string;
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
  /** In the form of SetQueueAttributes, with defaults. */
  attributes: Record<string, string>;
  /** The roles and users of its policy. */
  principals?: PrincipalNames | undefined;
  tags: Record<string, string>;
  /** Visible messages, oldest first. */
  ready: Map<string, SqsMessage>;
  /** Delayed and in-flight messages. */
  hidden: Map<string, SqsMessage>;
  purgedAt?: number;
  /** Only for FIFO queues. */
  sentByDedupId: Map<string, { messageId: string; sequenceNumber: string; sentAt: number }>;
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

export type SqsState = {
  readonly queues: Map<string, Queue>;
  readonly moveTasks: MoveTask[];
  /** When queues were deleted, by name. */
  readonly deletedAt: Map<string, number>;
};
export type SqsAt = At<SqsState>;

export const SQS: StateKey<SqsState> = {
  name: 'sqs',
  scope: 'region',
  state: () => ({ queues: new Map(), moveTasks: [], deletedAt: new Map() }),
};

export const queueUrl = (kernel: Kernel, queue: { place: AwsPlace; name: string }): string =>
  `${kernel.endpoint}/${queue.place.account}/${queue.name}`;

export function parseQueueArn(arn: string): { place: AwsPlace; name: string } | undefined {
  const match = /^arn:([^:]+):sqs:([^:]+):(\d{12}):([\w-]+(?:\.fifo)?)$/.exec(arn);
  if (!match) return undefined;
  const [, partition, region, account, name] = match as unknown as [string, string, string, string, string];
  return { place: { partition, account, region }, name };
}

/**
 * Accepts the sandbox's URLs, which have no Region and mean that of the call, and
 * `https://sqs.<region>.amazonaws.com/<account>/<name>`.
 * @throws AwsError MissingParameter, InvalidAddress
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

/** All numeric attributes have defaults. */
export const numericAttribute = (queue: Queue, name: string): number => Number(queue.attributes[name]);
