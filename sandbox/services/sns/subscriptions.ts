/** Creates, finds and lists subscriptions. */
import type * as sdk from '@aws-sdk/client-sns';
import { AwsError } from '../../kernel/kernel.ts';
import { REGIONS } from '../ec2/account-settings.ts';
import { notModelled } from '../requests.ts';
import { checkSubscriptionAttribute } from './attributes.ts';
import { SNS, type SnsAt, type Subscription, type Topic, topicPlace } from './state.ts';
import { pageOfItems } from './topics.ts';

const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  sqs: /^arn:[^:]+:sqs:/,
  lambda: /^arn:[^:]+:lambda:/,
  email: /^[^@\s]+@[^@\s]+$/,
  'email-json': /^[^@\s]+@[^@\s]+$/,
  http: /^http:\/\//,
  https: /^https:\/\//,
};

const NOT_MODELLED_PROTOCOLS = new Set(['sms', 'application', 'firehose']);

/** @throws AwsError InvalidParameter if an attribute of the request differs from the subscription's */
function sameSubscription(existing: Subscription, attributes: Readonly<Record<string, string>>): Subscription {
  if (Object.entries(attributes).every(([name, value]) => existing.attributes[name] === value)) return existing;
  throw new AwsError(
    'InvalidParameter',
    'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
  );
}

export function subscribe(at: SnsAt, topic: Topic, input: sdk.SubscribeInput): Subscription {
  const { Protocol: protocol = '', Endpoint: endpoint = '' } = input;
  if (!Object.hasOwn(ENDPOINTS, protocol))
    throw NOT_MODELLED_PROTOCOLS.has(protocol)
      ? notModelled(`SNS subscriptions by ${protocol}`)
      : new AwsError(
          'InvalidParameter',
          `Invalid parameter: Amazon SNS does not support this protocol string: ${protocol}`,
        );
  const isArn = protocol === 'sqs' || protocol === 'lambda';
  if (!ENDPOINTS[protocol]!.test(endpoint))
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: Endpoint Reason: not an endpoint for ${protocol}: ${endpoint}`,
    );
  if (protocol === 'lambda') checkRegions(topic.place.region, endpoint.split(':')[3]!);
  for (const [name, value] of Object.entries(input.Attributes ?? {})) checkSubscriptionAttribute(name, value, protocol);
  const existing = [...topic.subscriptions.values()].find(
    (one) => one.protocol === protocol && one.endpoint === endpoint,
  );
  if (existing) return sameSubscription(existing, input.Attributes ?? {});
  const subscription: Subscription = {
    arn: `${topic.arn}:${at.kernel.uuid()}`,
    topicArn: topic.arn,
    owner: at.account,
    protocol,
    endpoint,
    pending: !isArn,
    attributes: { ...input.Attributes },
  };
  topic.subscriptions.set(subscription.arn, subscription);
  return subscription;
}

/**
 * SNS does not deliver to functions in an opt-in Region from another Region.
 * https://docs.aws.amazon.com/sns/latest/dg/lambda-prereq.html
 */
function checkRegions(topic: string, endpoint: string): void {
  if (topic === endpoint || REGIONS.includes(endpoint)) return;
  throw new AwsError(
    'InvalidParameter',
    `Invalid parameter: TopicArn Reason: cross-region delivery from ${topic} to a function in ${endpoint} is not supported`,
  );
}

export function findSubscription(at: SnsAt, arn: string | undefined): { topic: Topic; subscription: Subscription } {
  const place = topicPlace(arn);
  const topic = at.kernel.state(SNS, place).topics.get(place.topic);
  const subscription = topic?.subscriptions.get(arn ?? '');
  if (!topic || !subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
  return { topic, subscription };
}

export function listSubscriptions(subscriptions: readonly Subscription[], input: { NextToken?: string | undefined }) {
  const page = pageOfItems(subscriptions, input);
  const Subscriptions = page.items.map((one) => ({
    SubscriptionArn: one.pending ? 'PendingConfirmation' : one.arn,
    Owner: one.owner,
    Protocol: one.protocol,
    Endpoint: one.endpoint,
    TopicArn: one.topicArn,
  }));
  return { Subscriptions, NextToken: page.nextToken };
}
