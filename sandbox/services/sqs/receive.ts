import {
  MessageSystemAttributeName,
  QueueAttributeName,
  type Message as ReceivedMessage,
  type ReceiveMessageRequest,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/kernel.ts';
import { armTimer, revealDueMessages, waitForMessage } from './arrivals.ts';
import { redrivePolicyOf } from './attributes.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { invalidParameter, putMessage } from './send.ts';
import { isFifo, numericAttribute, parseQueueArn, type Queue, type SqsAt, type SqsMessage } from './state.ts';

/** Returns up to ten messages; waits for an empty queue (long polling) on the sandbox's clock. */
export async function receiveMessages(
  at: SqsAt,
  queue: Queue,
  input: ReceiveMessageRequest,
): Promise<ReceivedMessage[]> {
  checkAttributeNames(input);
  const max = inRange('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
  const waitSeconds = inRange(
    'WaitTimeSeconds',
    input.WaitTimeSeconds ?? numericAttribute(queue, 'ReceiveMessageWaitTimeSeconds'),
    0,
    20,
  );
  const timeoutSeconds = inRange(
    'VisibilityTimeout',
    input.VisibilityTimeout ?? numericAttribute(queue, 'VisibilityTimeout'),
    0,
    43_200,
  );
  const deadlineMs = at.kernel.clock.now() + waitSeconds * 1000;
  const remainingMs = () => deadlineMs - at.kernel.clock.now();
  const takeAvailable = () => takeMessages(at, queue, max, timeoutSeconds);
  // Handles spurious wake-ups: another receiver may have taken the messages.
  const untilReceived = async () => {
    for (;;) {
      await waitForMessage(at.kernel, queue.arn, remainingMs());
      const messages = takeAvailable();
      if (messages.length > 0 || remainingMs() <= 0) return messages;
    }
  };
  const first = takeAvailable();
  const messages =
    first.length > 0 || remainingMs() <= 0 ? first : await (at.whileWaiting?.(untilReceived) ?? untilReceived());
  return messages.map((message) => describeMessage(message, input));
}

const SYSTEM_NAMES: ReadonlySet<string> = new Set(Object.values(MessageSystemAttributeName));
/** For the older member, which also accepts the names of a queue's attributes; those select nothing of a message. */
const OLDER_NAMES: ReadonlySet<string> = new Set([...SYSTEM_NAMES, ...Object.values(QueueAttributeName)]);

/** @throws AwsError InvalidAttributeName */
function checkAttributeNames({ AttributeNames = [], MessageSystemAttributeNames = [] }: ReceiveMessageRequest): void {
  const unknown =
    AttributeNames.find((name) => !OLDER_NAMES.has(name)) ??
    MessageSystemAttributeNames.find((name) => !SYSTEM_NAMES.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
}

function takeMessages(at: SqsAt, queue: Queue, max: number, timeoutSeconds: number): SqsMessage[] {
  revealDueMessages(at.kernel, queue);
  const now = at.kernel.clock.now();
  const taken: SqsMessage[] = [];
  const oldestMs = now - numericAttribute(queue, 'MessageRetentionPeriod') * 1000;
  const busyGroups = new Set([...queue.hidden.values()].map((message) => message.groupId));
  for (const message of queue.ready.values()) {
    if (taken.length === max) break;
    if (isFifo(queue) && busyGroups.has(message.groupId)) continue;
    queue.ready.delete(message.id);
    if (message.sentAt < oldestMs || moveToDeadLetterQueue(at, queue, message)) continue;
    message.receiveCount++;
    message.firstReceivedAt ??= now;
    message.receiptHandle = Buffer.from(`${queue.arn} ${message.id} ${at.kernel.uuid()}`).toString('base64');
    message.visibleAt = now + timeoutSeconds * 1000;
    queue.hidden.set(message.id, message);
    taken.push(message);
  }
  armTimer(at.kernel, queue);
  return taken;
}

/**
 * Moves a message that was received as often as the redrive policy allows.
 * @returns whether it was moved
 */
function moveToDeadLetterQueue(at: SqsAt, queue: Queue, message: SqsMessage): boolean {
  const policy = redrivePolicyOf(queue.attributes);
  if (!policy || message.receiveCount < policy.maxReceiveCount) return false;
  const target = at.state.queues.get(parseQueueArn(policy.deadLetterTargetArn)?.name ?? '');
  if (!target) return false;
  putMessage(at, target, {
    ...message,
    deadLetterSource: queue.arn,
    visibleAt: at.kernel.clock.now(),
    receiptHandle: undefined,
  });
  return true;
}

/** Succeeds if the message is already deleted, as SQS does. */
export function deleteMessage(at: SqsAt, queue: Queue, receiptHandle: string | undefined): void {
  const message = byReceipt(queue, receiptHandle);
  if (!message) return;
  queue.hidden.delete(message.id);
  queue.ready.delete(message.id);
  armTimer(at.kernel, queue);
}

/** Hides a received message for `seconds`; 0 makes it visible at once. */
export function changeVisibility(at: SqsAt, queue: Queue, receiptHandle: string | undefined, seconds: number): void {
  inRange('VisibilityTimeout', seconds, 0, 43_200);
  const message = byReceipt(queue, receiptHandle);
  if (!message)
    throw invalidParameter(
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  if (!queue.hidden.has(message.id))
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  message.visibleAt = at.kernel.clock.now() + seconds * 1000;
  revealDueMessages(at.kernel, queue);
}

/** Accepts receipt handles of earlier receives, as a standard queue does. */
function byReceipt(queue: Queue, receiptHandle: string | undefined): SqsMessage | undefined {
  if (!receiptHandle) throw new AwsError('MissingParameter', 'The request must contain the parameter ReceiptHandle.');
  const [arn, id] = Buffer.from(receiptHandle, 'base64').toString().split(' ');
  if (arn !== queue.arn || !id)
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
      404,
    );
  return queue.hidden.get(id) ?? queue.ready.get(id);
}

function describeMessage(message: SqsMessage, input: ReceiveMessageRequest): ReceivedMessage {
  const systemNames = new Set<string>([...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]);
  const system = Object.entries(systemAttributes(message)).filter(
    ([name, value]) => value !== undefined && (systemNames.has('All') || systemNames.has(name)),
  ) as [MessageSystemAttributeName, string][];
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => isSelected(name, input.MessageAttributeNames ?? [])),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
  };
}

const systemAttributes = (message: SqsMessage): Record<string, string | undefined> => ({
  SenderId: message.senderId,
  SentTimestamp: String(message.sentAt),
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  MessageGroupId: message.groupId,
  MessageDeduplicationId: message.dedupId,
  SequenceNumber: message.sequenceNumber,
  AWSTraceHeader: message.traceHeader,
  DeadLetterQueueSourceArn: message.deadLetterSource,
});

/** A request selects attributes by `All`, `.*`, a name or a prefix `bar.*`. */
const isSelected = (name: string, selectors: readonly string[]): boolean =>
  selectors.some(
    (selector) =>
      selector === 'All' ||
      selector === '*' ||
      selector === name ||
      (selector.endsWith('.*') && name.startsWith(selector.slice(0, -2))),
  );

function inRange(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be >= ${min} and <= ${max}, if provided.`,
  );
}
