import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { documentIn } from './attributes.ts';
import { deliver } from './delivery.ts';
import { wants } from './filter.ts';
import type { SnsState, Subscription, Topic } from './state.ts';

export type Outgoing = Omit<PublishBatchRequestEntry, 'Id'>;

/** A message on its way to subscribers. */
export type Notification = {
  readonly id: string;
  readonly at: number;
  readonly subject?: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
};

/** Bytes of a message, unless the topic's MaximumMessageSize says otherwise. */
const defaultMaxBytes = 262_144;

/** Sends a message to every subscription that wants it; deliveries run in the background. */
export function publish(at: At<SnsState>, topic: Topic, outgoing: Outgoing): { MessageId: string } {
  check(topic, outgoing);
  const id = at.kernel.uuid();
  const bodies = outgoing.MessageStructure === 'json' ? bodiesIn(outgoing.Message!) : undefined;
  for (const subscription of topic.subscriptions.values()) {
    const notification: Notification = {
      id,
      at: at.kernel.clock.now(),
      subject: outgoing.Subject,
      body: bodies ? (bodies[subscription.protocol] ?? bodies.default!) : outgoing.Message!,
      attributes: outgoing.MessageAttributes ?? {},
    };
    if (isActive(subscription) && wants(subscription, notification))
      deliver(at.kernel, topic, subscription, notification);
  }
  return { MessageId: id };
}

/** Bytes that count against the size limit. */
export function sizeOf(outgoing: Outgoing): number {
  const bytes = (text: string | undefined) => Buffer.byteLength(text ?? '');
  return Object.entries(outgoing.MessageAttributes ?? {}).reduce(
    (sum, [name, value]) =>
      sum + bytes(name) + bytes(value.DataType) + (value.BinaryValue?.length ?? bytes(value.StringValue)),
    bytes(outgoing.Message),
  );
}

export const maxBytesOf = (topic: Topic): number => Number(topic.attributes.MaximumMessageSize ?? defaultMaxBytes);

const isActive = (subscription: Subscription): boolean => !subscription.pending;

function check(topic: Topic, outgoing: Outgoing): void {
  if (!outgoing.Message) throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message');
  if (sizeOf(outgoing) > maxBytesOf(topic))
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
  if (outgoing.Subject !== undefined && !/^[^\p{Cc}]{1,100}$/u.test(outgoing.Subject))
    throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
}

/** With MessageStructure `json`, a body per protocol and one for all others. */
function bodiesIn(message: string): Record<string, string> {
  const bodies = documentIn(message);
  if (!bodies)
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - JSON message body failed to parse');
  if (typeof bodies.default !== 'string')
    throw new AwsError(
      'InvalidParameter',
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    );
  return bodies as Record<string, string>;
}
