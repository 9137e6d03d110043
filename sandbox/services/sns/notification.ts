/**
 * Sources: "Parsing Amazon SNS message formats", SNS developer guide; "Invoking Lambda functions with Amazon SNS
 * notifications", Lambda developer guide.
 */
import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Subscription, Topic } from './state.ts';

export type SnsNotification = {
  readonly id: string;
  readonly at: number;
  readonly subject?: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
};

/** A subscription with raw delivery sends the body instead. */
export const queueBody = (topic: Topic, subscription: Subscription, notification: SnsNotification): object => ({
  Type: 'Notification',
  MessageId: notification.id,
  TopicArn: topic.arn,
  ...(notification.subject !== undefined && { Subject: notification.subject }),
  Message: notification.body,
  Timestamp: new Date(notification.at).toISOString(),
  SignatureVersion: topic.attributes.SignatureVersion ?? '1',
  Signature: 'not-signed-in-the-sandbox',
  SigningCertURL: signingCertUrl(topic),
  UnsubscribeURL: unsubscribeUrl(topic, subscription),
  ...(hasAttributes(notification) && { MessageAttributes: describeAttributes(notification) }),
});

export const functionEvent = (topic: Topic, subscription: Subscription, notification: SnsNotification): object => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: subscription.arn,
      Sns: {
        Type: 'Notification',
        MessageId: notification.id,
        TopicArn: topic.arn,
        Subject: notification.subject ?? null,
        Message: notification.body,
        Timestamp: new Date(notification.at).toISOString(),
        SignatureVersion: topic.attributes.SignatureVersion ?? '1',
        Signature: 'not-signed-in-the-sandbox',
        SigningCertUrl: signingCertUrl(topic),
        UnsubscribeUrl: unsubscribeUrl(topic, subscription),
        MessageAttributes: describeAttributes(notification),
      },
    },
  ],
});

const hasAttributes = (notification: SnsNotification): boolean => Object.keys(notification.attributes).length > 0;

const describeAttributes = (notification: SnsNotification): object =>
  Object.fromEntries(
    Object.entries(notification.attributes).map(([name, value]) => [
      name,
      { Type: value.DataType, Value: textOf(value) },
    ]),
  );

const textOf = ({ BinaryValue, StringValue }: MessageAttributeValue): string | undefined =>
  BinaryValue ? Buffer.from(BinaryValue).toString('base64') : StringValue;

const signingCertUrl = (topic: Topic): string =>
  `https://sns.${topic.place.region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`;

const unsubscribeUrl = (topic: Topic, subscription: Subscription): string =>
  `https://sns.${topic.place.region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`;
