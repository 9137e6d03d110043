/**
 * Delivery of a message to one subscription, a queue or a function: retries, then the dead-letter queue.
 * Source: "Amazon SNS message delivery retries", SNS developer guide.
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { parseArn } from '../arn.ts';
import { notModelled } from '../requests.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';
import { parseJsonObject } from './attributes.ts';
import { functionEvent, queueBody, type SnsNotification } from './notification.ts';
import type { Subscription, Topic } from './state.ts';

/**
 * Waits before retries: three at once, two after 1 s, ten that grow to 20 s, as AWS does for its own endpoints. AWS
 * then continues every 20 s for 23 days; the sandbox gives up.
 */
const RETRY_WAITS_MS: readonly number[] = [
  0,
  0,
  0,
  1000,
  1000,
  ...Array.from({ length: 10 }, (_, retry) => Math.min(20_000, 1000 * 2 ** (retry / 2))),
];

export function deliverNotification(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: SnsNotification,
): void {
  attempt(kernel, topic, subscription, notification, 0);
}

function attempt(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: SnsNotification,
  retries: number,
): void {
  kernel.background(`delivery of ${notification.id} to ${subscription.endpoint}`, async () => {
    try {
      await sendNotification(kernel, topic, subscription, notification);
    } catch (error) {
      // A gap in the sandbox must not look like a failing subscriber.
      if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
      const waitMs = isRetriable(error) ? RETRY_WAITS_MS[retries] : undefined;
      if (waitMs === undefined) return deadLetter(kernel, topic, subscription, notification, error);
      kernel.clock.after(waitMs, () => attempt(kernel, topic, subscription, notification, retries + 1));
    }
  });
}

async function sendNotification(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: SnsNotification,
): Promise<void> {
  if (subscription.protocol === 'sqs')
    return sendToQueue(kernel, topic, subscription, notification, subscription.endpoint);
  if (subscription.protocol !== 'lambda') throw notModelled(`delivery from SNS by ${subscription.protocol}`);
  const { partition, region, account } = parseArn(subscription.endpoint);
  const place: AwsPlace = { partition, region, account };
  await kernel.call(snsPrincipal(topic), place, 'lambda', 'Invoke', {
    FunctionName: subscription.endpoint,
    InvocationType: 'Event',
    Payload: new TextEncoder().encode(JSON.stringify(functionEvent(topic, subscription, notification))),
  });
}

async function sendToQueue(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: SnsNotification,
  arn: string,
  extraAttributes: Readonly<Record<string, string>> = {},
): Promise<void> {
  const queue = parseQueueArn(arn);
  if (!queue) throw new AwsError('InvalidParameterValue', `Not the ARN of a queue: ${arn}`);
  const isRaw = subscription.attributes.RawMessageDelivery === 'true';
  const texts = Object.entries(extraAttributes).map(
    ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
  );
  await kernel.call(snsPrincipal(topic), queue.place, 'sqs', 'SendMessage', {
    QueueUrl: queueUrl(kernel, queue),
    MessageBody: isRaw ? notification.body : JSON.stringify(queueBody(topic, subscription, notification)),
    MessageAttributes: { ...(isRaw && notification.attributes), ...Object.fromEntries(texts) },
  });
}

/** Sends the message to the dead-letter queue. If there is none, or if it refuses, the message is lost. */
async function deadLetter(
  kernel: Kernel,
  topic: Topic,
  subscription: Subscription,
  notification: SnsNotification,
  error: AwsError,
): Promise<void> {
  const target = parseJsonObject(subscription.attributes.RedrivePolicy ?? '')?.deadLetterTargetArn;
  if (typeof target !== 'string') return;
  try {
    await sendToQueue(kernel, topic, subscription, notification, target, {
      RequestID: kernel.uuid(),
      ErrorCode: String(error.status),
      ErrorMessage: error.message,
    });
  } catch (deadLetterError) {
    if (!(deadLetterError instanceof AwsError) || deadLetterError.code === 'NotModelled') throw deadLetterError;
  }
}

const isRetriable = (error: AwsError): boolean =>
  error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests/.test(error.code);

const snsPrincipal = (topic: Topic): Principal => ({
  kind: 'service',
  service: 'sns.amazonaws.com',
  account: topic.place.account,
  source: topic.arn,
});
