/**
 * Delivery of a message to one subscription: to a queue or a function, retried, then dead-lettered.
 * Source: "Amazon SNS message delivery retries", SNS developer guide.
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { parseQueueArn, urlOf } from '../sqs/state.ts';
import { documentIn } from './attributes.ts';
import { forFunction, forQueue } from './envelope.ts';
import type { Notification } from './publish.ts';
import type { Subscription, Topic } from './state.ts';

/**
 * Waits before the retries, in milliseconds: three at once, two after a second, ten that grow to 20 s, as AWS does for
 * its own endpoints. AWS then goes on every 20 s for 23 days; the sandbox gives up.
 */
const waits: readonly number[] = [
  0,
  0,
  0,
  1000,
  1000,
  ...Array.from({ length: 10 }, (_, retry) => Math.min(20_000, 1000 * 2 ** (retry / 2))),
];

export function deliver(kernel: Kernel, topic: Topic, subscription: Subscription, notification: Notification): void {
  attempt(kernel, topic, subscription, notification, 0);
}

function attempt(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: Notification,
  retries: number,
): void {
  kernel.background(`delivery of ${notification.id} to ${subscription.endpoint}`, async () => {
    try {
      await send(kernel, topic, subscription, notification);
    } catch (error) {
      // What the sandbox does not model must not look like a subscriber that fails.
      if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
      const wait = isRetriable(error) ? waits[retries] : undefined;
      if (wait === undefined) return deadLetter(kernel, topic, subscription, notification, error);
      kernel.clock.after(wait, () => attempt(kernel, topic, subscription, notification, retries + 1));
    }
  });
}

async function send(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: Notification,
): Promise<void> {
  if (subscription.protocol === 'sqs') return toQueue(kernel, topic, subscription, notification, subscription.endpoint);
  if (subscription.protocol !== 'lambda') throw notModelled(`delivery from SNS by ${subscription.protocol}`);
  const [, partition, , region, account] = subscription.endpoint.split(':') as [string, string, string, string, string];
  const place: AwsPlace = { partition, region, account };
  await kernel.call(snsFor(topic), place, 'lambda', 'Invoke', {
    FunctionName: subscription.endpoint,
    InvocationType: 'Event',
    Payload: new TextEncoder().encode(JSON.stringify(forFunction(topic, subscription, notification))),
  });
}

async function toQueue(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: Notification,
  arn: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const queue = parseQueueArn(arn);
  if (!queue) throw new AwsError('InvalidParameterValue', `Not the ARN of a queue: ${arn}`);
  const isRaw = subscription.attributes.RawMessageDelivery === 'true';
  const texts = Object.entries(more).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const);
  await kernel.call(snsFor(topic), queue.place, 'sqs', 'SendMessage', {
    QueueUrl: urlOf(kernel, queue),
    MessageBody: isRaw ? notification.body : JSON.stringify(forQueue(topic, subscription, notification)),
    MessageAttributes: { ...(isRaw && notification.attributes), ...Object.fromEntries(texts) },
  });
}

/** Puts what could not be delivered on the subscription's dead-letter queue; without one, or refused by it, it is lost. */
async function deadLetter(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: Notification,
  error: AwsError,
): Promise<void> {
  const target = documentIn(subscription.attributes.RedrivePolicy ?? '')?.deadLetterTargetArn;
  if (typeof target !== 'string') return;
  try {
    await toQueue(kernel, topic, subscription, notification, target, {
      RequestID: kernel.uuid(),
      ErrorCode: String(error.status),
      ErrorMessage: error.message,
    });
  } catch (refused) {
    if (!(refused instanceof AwsError) || refused.code === 'NotModelled') throw refused;
  }
}

const isRetriable = (error: AwsError): boolean =>
  error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests/.test(error.code);

const snsFor = (topic: Topic): Principal => ({
  kind: 'service',
  service: 'sns.amazonaws.com',
  account: topic.place.account,
  source: topic.arn,
});
