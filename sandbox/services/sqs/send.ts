import { createHash } from 'node:crypto';
import type { MessageAttributeValue, SendMessageBatchRequestEntry, SendMessageResult } from '@aws-sdk/client-sqs';
import { AwsError, type Principal } from '../../kernel/kernel.ts';
import { announceArrival, armTimer } from './arrivals.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { isFifo, numericAttribute, type Queue, type SqsAt, type SqsMessage } from './state.ts';

export type OutgoingMessage = Omit<SendMessageBatchRequestEntry, 'Id'>;

/** FIFO queues accept a deduplication id once in this period. */
const DEDUPLICATION_MS = 5 * 60_000;

export function sendMessage(at: SqsAt, queue: Queue, outgoing: OutgoingMessage): SendMessageResult {
  checkBody(queue, outgoing);
  const kernel = at.kernel;
  const now = kernel.clock.now();
  const response = {
    MD5OfMessageBody: md5(outgoing.MessageBody!),
    MD5OfMessageAttributes: md5OfAttributes(outgoing.MessageAttributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(outgoing.MessageSystemAttributes),
  };
  const dedupId = isFifo(queue) ? deduplicationIdOf(queue, outgoing) : undefined;
  const earlier = dedupId === undefined ? undefined : queue.sentByDedupId.get(dedupId);
  if (earlier && now - earlier.sentAt < DEDUPLICATION_MS)
    return { ...response, MessageId: earlier.messageId, SequenceNumber: earlier.sequenceNumber };

  const delaySeconds = outgoing.DelaySeconds ?? numericAttribute(queue, 'DelaySeconds');
  const message: SqsMessage = {
    id: kernel.uuid(),
    body: outgoing.MessageBody!,
    attributes: outgoing.MessageAttributes ?? {},
    senderId: senderIdOf(at.principal),
    sentAt: now,
    visibleAt: now + delaySeconds * 1000,
    receiveCount: 0,
    traceHeader: outgoing.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    // In a standard queue, the group makes it fair and orders nothing.
    groupId: outgoing.MessageGroupId,
    ...(dedupId !== undefined && {
      dedupId,
      sequenceNumber: String(++queue.sequence).padStart(20, '0'),
    }),
  };
  if (dedupId !== undefined)
    queue.sentByDedupId.set(dedupId, { messageId: message.id, sequenceNumber: message.sequenceNumber!, sentAt: now });
  putMessage(at, queue, message);
  return { ...response, MessageId: message.id, SequenceNumber: message.sequenceNumber };
}

export function putMessage(at: SqsAt, queue: Queue, message: SqsMessage): void {
  if (message.visibleAt > at.kernel.clock.now()) {
    queue.hidden.set(message.id, message);
    armTimer(at.kernel, queue);
    return;
  }
  queue.ready.set(message.id, message);
  announceArrival(at.kernel, queue);
}

export function messageBytes(outgoing: OutgoingMessage): number {
  const attributes = Object.entries(outgoing.MessageAttributes ?? {});
  return attributes.reduce(
    (sum, [name, value]) => sum + attributeBytes(name, value),
    textBytes(outgoing.MessageBody ?? ''),
  );
}

const attributeBytes = (name: string, value: MessageAttributeValue): number =>
  textBytes(name) + textBytes(value.DataType ?? '') + (value.BinaryValue?.length ?? textBytes(value.StringValue ?? ''));

const textBytes = (text: string): number => Buffer.byteLength(text);

function checkBody(queue: Queue, outgoing: OutgoingMessage): void {
  if (!outgoing.MessageBody)
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  const maxBytes = numericAttribute(queue, 'MaximumMessageSize');
  if (messageBytes(outgoing) > maxBytes) throw invalidParameter(`Message must be shorter than ${maxBytes} bytes.`);
  if (!/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(outgoing.MessageBody))
    throw new AwsError('InvalidMessageContents', 'Invalid characters found in the message body.');
  const delaySeconds = outgoing.DelaySeconds ?? 0;
  if (delaySeconds < 0 || delaySeconds > 900)
    throw invalidParameter(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  if (Object.keys(outgoing.MessageAttributes ?? {}).length > 10)
    throw invalidParameter('Number of message attributes exceeds the allowed maximum of 10.');
  for (const [name, value] of Object.entries(outgoing.MessageAttributes ?? {})) checkAttribute(name, value);
  if (!isFifo(queue) && outgoing.MessageDeduplicationId !== undefined)
    throw invalidParameter(
      `Value ${outgoing.MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.`,
    );
  if (isFifo(queue) && delaySeconds > 0)
    throw invalidParameter(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  if (isFifo(queue) && !outgoing.MessageGroupId)
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
function checkAttribute(name: string, { DataType = '', StringValue, BinaryValue }: MessageAttributeValue): void {
  if (/^(aws|amazon)\./i.test(name))
    throw invalidParameter(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
    );
  if (!/^(String|Number|Binary)(\..+)?$/.test(DataType))
    throw invalidParameter(`The type of message (user) attribute '${name}' is invalid: '${DataType}'.`);
  if (!(DataType.startsWith('Binary') ? BinaryValue?.length : StringValue))
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
  if (DataType.startsWith('Number') && !/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(StringValue!))
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
}

function deduplicationIdOf(queue: Queue, outgoing: OutgoingMessage): string {
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
