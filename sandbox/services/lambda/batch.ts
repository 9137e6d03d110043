/** The event that a batch of messages makes, and what the function says of each of them. */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { AwsPlace } from '../../kernel/kernel.ts';
import type { EventSourceMapping } from './state.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export const eventOf = (mapping: EventSourceMapping, place: AwsPlace, messages: readonly Message[]): string =>
  JSON.stringify({
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
      ),
      md5OfBody: message.MD5OfBody,
      ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      eventSource: 'aws:sqs',
      eventSourceARN: mapping.queueArn,
      awsRegion: place.region,
    })),
  });

const attributeOf = ({ StringValue, BinaryValue, DataType }: MessageAttributeValue) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/**
 * The messages that the answer reports as failed. An answer that is malformed, or names a message that is not of the
 * batch, fails all of them. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const failedItems = (
  mapping: EventSourceMapping,
  messages: readonly Message[],
  payload: string,
): readonly Message[] => {
  if (!mapping.reportsItemFailures) return [];
  const answer: unknown = JSON.parse(payload);
  if (answer === null || answer === '') return [];
  if (typeof answer !== 'object') return messages;
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return [];
  if (!Array.isArray(failures)) return messages;
  const failed = failures.map((failure) => messages.find(({ MessageId }) => MessageId === failure?.itemIdentifier));
  return failed.every((message) => message !== undefined) ? failed : messages;
};
