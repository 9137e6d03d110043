/**
 * The forms in which subscribers get a message.
 * Sources: "Parsing Amazon SNS message formats", SNS developer guide; "Invoking Lambda functions with Amazon SNS
 * notifications", Lambda developer guide.
 */
import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Notification } from './publish.ts';
import type { Subscription, Topic } from './state.ts';

/** The JSON that a queue gets, unless its subscription wants the message raw. */
export const forQueue = (topic: Topic, subscription: Subscription, notification: Notification): object => ({
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
  ...(hasAttributes(notification) && { MessageAttributes: attributesOf(notification) }),
});

/** The event that a function gets. */
export const forFunction = (topic: Topic, subscription: Subscription, notification: Notification): object => ({
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
        MessageAttributes: attributesOf(notification),
      },
    },
  ],
});

const hasAttributes = (notification: Notification): boolean => Object.keys(notification.attributes).length > 0;

const attributesOf = (notification: Notification): object =>
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
