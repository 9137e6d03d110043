import type { MessageSystemAttributeName, Message as Received, ReceiveMessageRequest } from '@aws-sdk/client-sqs';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { arm, surface, waitForMessage } from './arrivals.ts';
import { redrivePolicyOf } from './attributes.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { invalidParameter, put } from './send.ts';
import { isFifo, type Message, numberAttribute, parseQueueArn, type Queue, type SqsState } from './state.ts';

/** Receives up to ten messages; an empty queue is waited for (long polling) on the sandbox's clock. */
export async function receive(at: At<SqsState>, queue: Queue, input: ReceiveMessageRequest): Promise<Received[]> {
  const most = within('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
  const wait = within(
    'WaitTimeSeconds',
    input.WaitTimeSeconds ?? numberAttribute(queue, 'ReceiveMessageWaitTimeSeconds'),
    0,
    20,
  );
  const timeout = within(
    'VisibilityTimeout',
    input.VisibilityTimeout ?? numberAttribute(queue, 'VisibilityTimeout'),
    0,
    43_200,
  );
  const deadline = at.kernel.clock.now() + wait * 1000;
  const left = () => deadline - at.kernel.clock.now();
  const taken = () => take(at, queue, most, timeout);
  /** Who waits with others may be woken for nothing, and waits on as if nothing had been. */
  const untilSome = async () => {
    for (;;) {
      await waitForMessage(at.kernel, queue.arn, left());
      const messages = taken();
      if (messages.length > 0 || left() <= 0) return messages;
    }
  };
  const first = taken();
  const messages = first.length > 0 || left() <= 0 ? first : await (at.whileWaiting?.(untilSome) ?? untilSome());
  return messages.map((message) => present(message, input));
}

function take(at: At<SqsState>, queue: Queue, most: number, timeoutSeconds: number): Message[] {
  surface(at.kernel, queue);
  const now = at.kernel.clock.now();
  const taken: Message[] = [];
  const oldest = now - numberAttribute(queue, 'MessageRetentionPeriod') * 1000;
  const busyGroups = new Set([...queue.hidden.values()].map((message) => message.groupId));
  for (const message of queue.ready.values()) {
    if (taken.length === most) break;
    if (isFifo(queue) && busyGroups.has(message.groupId)) continue;
    queue.ready.delete(message.id);
    if (message.sentAt < oldest || deadLettered(at, queue, message)) continue;
    message.receiveCount++;
    message.firstReceivedAt ??= now;
    message.receiptHandle = Buffer.from(`${queue.arn} ${message.id} ${at.kernel.uuid()}`).toString('base64');
    message.visibleAt = now + timeoutSeconds * 1000;
    queue.hidden.set(message.id, message);
    taken.push(message);
  }
  arm(at.kernel, queue);
  return taken;
}

/** A message that was received as often as the redrive policy allows goes to the dead-letter queue instead. */
function deadLettered(at: At<SqsState>, queue: Queue, message: Message): boolean {
  const policy = redrivePolicyOf(queue.attributes);
  if (!policy || message.receiveCount < policy.maxReceiveCount) return false;
  const target = at.state.queues.get(parseQueueArn(policy.deadLetterTargetArn)?.name ?? '');
  if (!target) return false;
  put(at, target, {
    ...message,
    deadLetterSource: queue.arn,
    visibleAt: at.kernel.clock.now(),
    receiptHandle: undefined,
  });
  return true;
}

/** Takes a message out of the queue. Deleting one that is gone succeeds, as in SQS. */
export function remove(at: At<SqsState>, queue: Queue, receiptHandle: string | undefined): void {
  const message = byReceipt(queue, receiptHandle);
  if (!message) return;
  queue.hidden.delete(message.id);
  queue.ready.delete(message.id);
  arm(at.kernel, queue);
}

/** Hides a received message for `seconds` from now, or with 0 shows it at once. */
export function changeVisibility(
  at: At<SqsState>,
  queue: Queue,
  receiptHandle: string | undefined,
  seconds: number,
): void {
  within('VisibilityTimeout', seconds, 0, 43_200);
  const message = byReceipt(queue, receiptHandle);
  if (!message)
    throw invalidParameter(
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  if (!queue.hidden.has(message.id))
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  message.visibleAt = at.kernel.clock.now() + seconds * 1000;
  surface(at.kernel, queue);
}

/** The message a handle was given out for; an older handle of it still finds it, as in a standard queue. */
function byReceipt(queue: Queue, receiptHandle: string | undefined): Message | undefined {
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

function present(message: Message, input: ReceiveMessageRequest): Received {
  const systemNames = new Set<string>([...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]);
  const system = Object.entries(systemAttributes(message)).filter(
    ([name, value]) => value !== undefined && (systemNames.has('All') || systemNames.has(name)),
  ) as [MessageSystemAttributeName, string][];
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => isAsked(name, input.MessageAttributeNames ?? [])),
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

const systemAttributes = (message: Message): Record<string, string | undefined> => ({
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

/** Names may be asked for as `All`, `.*`, whole, or as a prefix `bar.*`. */
const isAsked = (name: string, asked: readonly string[]): boolean =>
  asked.some(
    (one) => one === 'All' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -1))) || one === '.*',
  );

function within(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be >= ${min} and <= ${max}, if provided.`,
  );
}
