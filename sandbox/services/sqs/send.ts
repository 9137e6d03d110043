import { createHash } from 'node:crypto';
import type { MessageAttributeValue, SendMessageBatchRequestEntry, SendMessageResult } from '@aws-sdk/client-sqs';
import { type At, AwsError, type Principal } from '../../kernel/kernel.ts';
import { announce, arm } from './arrivals.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { isFifo, type Message, numberAttribute, type Queue, type SqsState } from './state.ts';

export type Outgoing = Omit<SendMessageBatchRequestEntry, 'Id'>;

/** FIFO queues take a deduplication id once in five minutes. */
const deduplicationMs = 5 * 60_000;

/** Puts a message on a queue, where it becomes visible after its delay. */
export function send(at: At<SqsState>, queue: Queue, outgoing: Outgoing): SendMessageResult {
  checkBody(queue, outgoing);
  const kernel = at.kernel;
  const now = kernel.clock.now();
  const answer = {
    MD5OfMessageBody: md5(outgoing.MessageBody!),
    MD5OfMessageAttributes: md5OfAttributes(outgoing.MessageAttributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(outgoing.MessageSystemAttributes),
  };
  const dedupId = isFifo(queue) ? deduplicationIdOf(queue, outgoing) : undefined;
  const earlier = dedupId === undefined ? undefined : queue.deduplicated.get(dedupId);
  if (earlier && now - earlier.sentAt < deduplicationMs)
    return { ...answer, MessageId: earlier.messageId, SequenceNumber: earlier.sequenceNumber };

  const delay = outgoing.DelaySeconds ?? numberAttribute(queue, 'DelaySeconds');
  const message: Message = {
    id: kernel.uuid(),
    body: outgoing.MessageBody!,
    attributes: outgoing.MessageAttributes ?? {},
    senderId: senderIdOf(at.principal),
    sentAt: now,
    visibleAt: now + delay * 1000,
    receiveCount: 0,
    traceHeader: outgoing.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    ...(dedupId !== undefined && {
      groupId: outgoing.MessageGroupId,
      dedupId,
      sequenceNumber: String(++queue.sequence).padStart(20, '0'),
    }),
  };
  if (dedupId !== undefined)
    queue.deduplicated.set(dedupId, { messageId: message.id, sequenceNumber: message.sequenceNumber!, sentAt: now });
  put(at, queue, message);
  return { ...answer, MessageId: message.id, SequenceNumber: message.sequenceNumber };
}

/** Puts a message that already exists on a queue: dead-lettered, or moved back. */
export function put(at: At<SqsState>, queue: Queue, message: Message): void {
  if (message.visibleAt > at.kernel.clock.now()) {
    queue.hidden.set(message.id, message);
    arm(at.kernel, queue);
    return;
  }
  queue.ready.set(message.id, message);
  announce(at.kernel, queue);
}

/** Bytes that count against the size limits: body, and name, type and value of every attribute. */
export function sizeOf(outgoing: Outgoing): number {
  const attributes = Object.entries(outgoing.MessageAttributes ?? {});
  return attributes.reduce((sum, [name, value]) => sum + attributeSize(name, value), bytes(outgoing.MessageBody ?? ''));
}

const attributeSize = (name: string, value: MessageAttributeValue): number =>
  bytes(name) + bytes(value.DataType ?? '') + (value.BinaryValue?.length ?? bytes(value.StringValue ?? ''));

const bytes = (text: string): number => Buffer.byteLength(text);

function checkBody(queue: Queue, outgoing: Outgoing): void {
  if (!outgoing.MessageBody)
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  const most = numberAttribute(queue, 'MaximumMessageSize');
  if (sizeOf(outgoing) > most) throw invalidParameter(`Message must be shorter than ${most} bytes.`);
  if (!/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(outgoing.MessageBody))
    throw new AwsError('InvalidMessageContents', 'Invalid characters found in the message body.');
  const delay = outgoing.DelaySeconds ?? 0;
  if (delay < 0 || delay > 900)
    throw invalidParameter(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  if (Object.keys(outgoing.MessageAttributes ?? {}).length > 10)
    throw invalidParameter('Number of message attributes exceeds the allowed maximum of 10.');
  if (isFifo(queue) && delay > 0)
    throw invalidParameter(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  if (isFifo(queue) && !outgoing.MessageGroupId)
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
}

function deduplicationIdOf(queue: Queue, outgoing: Outgoing): string {
  if (outgoing.MessageDeduplicationId) return outgoing.MessageDeduplicationId;
  if (queue.attributes.ContentBasedDeduplication === 'true')
    return createHash('sha256').update(outgoing.MessageBody!).digest('hex');
  throw invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

const senderIdOf = (principal: Principal): string =>
  'userId' in principal ? principal.userId : principal.kind === 'service' ? principal.service : principal.account;

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
