import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { AwsPlace } from '../../kernel/kernel.ts';
import type { EventSourceMapping } from './state.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export const sqsEvent = (mapping: EventSourceMapping, place: AwsPlace, messages: readonly Message[]): string =>
  JSON.stringify({
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, eventAttribute(value)]),
      ),
      md5OfBody: message.MD5OfBody,
      ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      eventSource: 'aws:sqs',
      eventSourceARN: mapping.sourceArn,
      awsRegion: place.region,
    })),
  });

const eventAttribute = ({ StringValue, BinaryValue, DataType }: MessageAttributeValue) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/**
 * Returns the messages that the response reports as failed. A malformed response, or one that names a message outside
 * the batch, fails all of them. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const failedMessages = (
  mapping: EventSourceMapping,
  messages: readonly Message[],
  payload: string,
): readonly Message[] => {
  if (!mapping.reportsItemFailures) return [];
  const response: unknown = JSON.parse(payload);
  if (response === null || response === '') return [];
  if (typeof response !== 'object') return messages;
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return [];
  if (!Array.isArray(failures)) return messages;
  const failed = failures.map((failure) => messages.find(({ MessageId }) => MessageId === failure?.itemIdentifier));
  return failed.every((message) => message !== undefined) ? failed : messages;
};
