import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { AwsError } from '../../kernel/kernel.ts';
import { parseJsonObject } from './attributes.ts';
import { deliverNotification } from './delivery.ts';
import { matchesFilter } from './filter.ts';
import type { SnsNotification } from './notification.ts';
import type { SnsAt, Topic } from './state.ts';

export type OutgoingNotification = Omit<PublishBatchRequestEntry, 'Id'>;

const DEFAULT_MAX_BYTES = 262_144;

/**
 * Delivers in the background to every confirmed subscription whose filter matches.
 * @throws AwsError InvalidParameter
 */
export function publishNotification(at: SnsAt, topic: Topic, outgoing: OutgoingNotification): { MessageId: string } {
  checkNotification(topic, outgoing);
  const id = at.kernel.uuid();
  const bodies = outgoing.MessageStructure === 'json' ? bodiesIn(outgoing.Message!) : undefined;
  for (const subscription of topic.subscriptions.values()) {
    const notification: SnsNotification = {
      id,
      at: at.kernel.clock.now(),
      subject: outgoing.Subject,
      body: bodies ? (bodies[subscription.protocol] ?? bodies.default!) : outgoing.Message!,
      attributes: outgoing.MessageAttributes ?? {},
    };
    if (!subscription.pending && matchesFilter(subscription, notification))
      deliverNotification(at.kernel, topic, subscription, notification);
  }
  return { MessageId: id };
}

export function notificationBytes(outgoing: OutgoingNotification): number {
  const bytes = (text: string | undefined) => Buffer.byteLength(text ?? '');
  return Object.entries(outgoing.MessageAttributes ?? {}).reduce(
    (sum, [name, value]) =>
      sum + bytes(name) + bytes(value.DataType) + (value.BinaryValue?.length ?? bytes(value.StringValue)),
    bytes(outgoing.Message),
  );
}

export const maxNotificationBytes = (topic: Topic): number =>
  Number(topic.attributes.MaximumMessageSize ?? DEFAULT_MAX_BYTES);

function checkNotification(topic: Topic, outgoing: OutgoingNotification): void {
  if (!outgoing.Message) throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message');
  if (notificationBytes(outgoing) > maxNotificationBytes(topic))
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
  if (outgoing.Subject !== undefined && !/^[^\p{Cc}]{1,100}$/u.test(outgoing.Subject))
    throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
  for (const [name, value] of Object.entries(outgoing.MessageAttributes ?? {})) checkAttribute(name, value);
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
function checkAttribute(name: string, { DataType = '', StringValue, BinaryValue }: MessageAttributeValue): void {
  if (!/^(String|Number|Binary)(\..+)?$/.test(DataType))
    throw new AwsError(
      'ParameterValueInvalid',
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  if (!(DataType.startsWith('Binary') ? BinaryValue?.length : StringValue))
    throw new AwsError(
      'ParameterValueInvalid',
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
}

/** Returns the bodies of a message with MessageStructure `json`: one for each protocol, `default` for the others. */
function bodiesIn(message: string): Record<string, string> {
  const bodies = parseJsonObject(message);
  if (!bodies)
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - JSON message body failed to parse');
  if (typeof bodies.default !== 'string')
    throw new AwsError(
      'InvalidParameter',
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    );
  return bodies as Record<string, string>;
}
