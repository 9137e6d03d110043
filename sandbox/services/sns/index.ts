/**
 * Standard topics with subscriptions of queues, functions and (never confirmed) email and HTTPS endpoints.
 * Sources: SNS API reference and developer guide.
 */
import * as sdk from '@aws-sdk/client-sns';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { REGIONS } from '../ec2/account-settings.ts';
import { keyNeeds } from '../kms/needs.ts';
import { pageOf } from '../requests.ts';
import { forEachEntry } from '../sqs/batch.ts';
import { checkSubscriptionAttribute, checkTopicAttribute } from './attributes.ts';
import { snsComparison } from './comparison.ts';
import { maxNotificationBytes, notificationBytes, publishNotification } from './publish.ts';
import { snsResources } from './resources.ts';
import { SNS, type SnsAt, type SnsState, type Subscription, type Topic, topicArn, topicPlace } from './state.ts';

const PAGE_SIZE = 100;
const MAX_TAGS = 50;
const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  sqs: /^arn:[^:]+:sqs:/,
  lambda: /^arn:[^:]+:lambda:/,
  email: /^[^@\s]+@[^@\s]+$/,
  'email-json': /^[^@\s]+@[^@\s]+$/,
  http: /^http:\/\//,
  https: /^https:\/\//,
};

type OfTopic = { TopicArn?: string | undefined };
type OfSubscription = { SubscriptionArn?: string | undefined };

const topicOperation = (action: string) => ({
  needs: (input: OfTopic, at: SnsAt): Need[] => [topicNeed(findTopic(at, input.TopicArn), action)],
});
const taggedOperation = (action: string) => ({
  needs: (input: { ResourceArn?: string | undefined }, at: SnsAt): Need[] => [
    topicNeed(findTopic(at, input.ResourceArn), action),
  ],
});
const subscriptionOperation = (action: string) => ({
  /** The subscription's owner needs no permission of a topic's owner in another account. */
  needs: (input: OfSubscription, at: SnsAt): Need[] => {
    const { topic, subscription } = findSubscription(at, input.SubscriptionArn);
    const ownsOnlySubscription = subscription.owner === at.account && topic.place.account !== at.account;
    return [ownsOnlySubscription ? { action: `sns:${action}`, resource: '*' } : topicNeed(topic, action)];
  },
});
/** A publisher to an encrypted topic needs permission to generate the data key. */
const publishOperation = {
  needs: (input: { TopicArn?: string | undefined; TargetArn?: string | undefined }, at: SnsAt): Need[] => {
    const topic = findTopic(at, input.TopicArn ?? input.TargetArn);
    const via = `sns.${topic.place.region}.amazonaws.com`;
    const actions = ['kms:GenerateDataKey', 'kms:Decrypt'];
    return [
      topicNeed(topic, 'Publish'),
      ...keyNeeds(at.kernel, topic.place, topic.attributes.KmsMasterKeyId, actions, via),
    ];
  },
};

export const sns = defineService<typeof sdk, SnsState>({
  ...SNS,
  ...snsComparison,
  sdk,
  client: sdk.SNSClient,
  prefix: 'sns',
  denial: { code: 'AuthorizationErrorException', status: 403 },
  keyDenial: { code: 'KMSAccessDeniedException', status: 400 },
  operations: {
    CreateTopic: {
      needs: (input, at) => [{ action: 'sns:CreateTopic', resource: topicArn(at, input.Name ?? '*') }],
      run: (input, at) => ({ TopicArn: createTopic(at, input).arn }),
    },
    DeleteTopic: {
      needs: (input) => [{ action: 'sns:DeleteTopic', resource: input.TopicArn ?? '*' }],
      run: (input, at) => {
        at.kernel.state(SNS, topicPlace(input.TopicArn)).topics.delete(input.TopicArn!);
        return {};
      },
    },
    ListTopics: {
      run: (input, at) => {
        const page = pageOfItems([...at.state.topics.values()], input);
        return { Topics: page.items.map((topic) => ({ TopicArn: topic.arn })), NextToken: page.nextToken };
      },
    },
    GetTopicAttributes: {
      ...topicOperation('GetTopicAttributes'),
      run: (input, at) => ({ Attributes: describeTopic(findTopic(at, input.TopicArn)) }),
    },
    SetTopicAttributes: {
      ...topicOperation('SetTopicAttributes'),
      run: (input, at) => {
        checkTopicAttribute(input.AttributeName!, input.AttributeValue ?? '');
        setAttribute(findTopic(at, input.TopicArn).attributes, input.AttributeName!, input.AttributeValue);
        return {};
      },
    },
    TagResource: {
      ...taggedOperation('TagResource'),
      run: (input, at) => {
        const topic = findTopic(at, input.ResourceArn);
        const tags = { ...topic.tags, ...tagRecord(input.Tags) };
        if (Object.keys(tags).length > MAX_TAGS)
          throw new AwsError('TagLimitExceeded', `A topic has at most ${MAX_TAGS} tags.`);
        topic.tags = tags;
        return {};
      },
    },
    UntagResource: {
      ...taggedOperation('UntagResource'),
      run: (input, at) => {
        const topic = findTopic(at, input.ResourceArn);
        const left = Object.entries(topic.tags).filter(([key]) => !input.TagKeys?.includes(key));
        topic.tags = Object.fromEntries(left);
        return {};
      },
    },
    ListTagsForResource: {
      ...taggedOperation('ListTagsForResource'),
      run: (input, at) => ({
        Tags: Object.entries(findTopic(at, input.ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
    Subscribe: {
      ...topicOperation('Subscribe'),
      run: (input, at) => {
        const subscription = subscribe(at, findTopic(at, input.TopicArn), input);
        const isShown = !subscription.pending || input.ReturnSubscriptionArn;
        return { SubscriptionArn: isShown ? subscription.arn : 'pending confirmation' };
      },
    },
    Unsubscribe: {
      ...subscriptionOperation('Unsubscribe'),
      run: (input, at) => {
        const { topic, subscription } = findSubscription(at, input.SubscriptionArn);
        topic.subscriptions.delete(subscription.arn);
        return {};
      },
    },
    GetSubscriptionAttributes: {
      ...subscriptionOperation('GetSubscriptionAttributes'),
      run: (input, at) => {
        const { subscription } = findSubscription(at, input.SubscriptionArn);
        return {
          Attributes: {
            ...subscription.attributes,
            SubscriptionArn: subscription.arn,
            TopicArn: subscription.topicArn,
            Owner: subscription.owner,
            Protocol: subscription.protocol,
            Endpoint: subscription.endpoint,
            PendingConfirmation: String(subscription.pending),
          },
        };
      },
    },
    SetSubscriptionAttributes: {
      ...subscriptionOperation('SetSubscriptionAttributes'),
      run: (input, at) => {
        const { subscription } = findSubscription(at, input.SubscriptionArn);
        checkSubscriptionAttribute(input.AttributeName!, input.AttributeValue ?? '', subscription.protocol);
        setAttribute(subscription.attributes, input.AttributeName!, input.AttributeValue);
        return {};
      },
    },
    ListSubscriptionsByTopic: {
      ...topicOperation('ListSubscriptionsByTopic'),
      run: (input, at) => listSubscriptions([...findTopic(at, input.TopicArn).subscriptions.values()], input),
    },
    ListSubscriptions: {
      run: (input, at) =>
        listSubscriptions(
          [...at.state.topics.values()].flatMap((topic) => [...topic.subscriptions.values()]),
          input,
        ),
    },
    Publish: {
      ...publishOperation,
      run: (input, at) => {
        if (input.PhoneNumber) throw new AwsError('NotModelled', 'The sandbox does not model SMS.', 501);
        return publishNotification(at, findTopic(at, input.TopicArn ?? input.TargetArn), input);
      },
    },
    PublishBatch: {
      ...publishOperation,
      run: (input, at) => {
        const topic = findTopic(at, input.TopicArn);
        const size = (input.PublishBatchRequestEntries ?? []).reduce((sum, entry) => sum + notificationBytes(entry), 0);
        if (size > maxNotificationBytes(topic))
          throw new AwsError(
            'BatchRequestTooLong',
            'The length of all the messages put together is more than the limit.',
          );
        return forEachEntry(input.PublishBatchRequestEntries, (entry) => publishNotification(at, topic, entry));
      },
    },
  },
  resources: snsResources,
});

function createTopic(at: SnsAt, input: sdk.CreateTopicInput): Topic {
  const name = input.Name ?? '';
  if (name.endsWith('.fifo') || input.Attributes?.FifoTopic === 'true')
    throw new AwsError('NotModelled', 'The sandbox does not model FIFO topics.', 501);
  if (!/^[\w-]{1,256}$/.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
  for (const [key, value] of Object.entries(input.Attributes ?? {})) checkTopicAttribute(key, value);
  const arn = topicArn(at, name);
  const existing = at.state.topics.get(arn);
  if (existing) {
    const differs = Object.entries(input.Attributes ?? {}).some(([key, value]) => existing.attributes[key] !== value);
    if (differs)
      throw new AwsError(
        'InvalidParameter',
        'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
      );
    return existing;
  }
  const { partition, account, region } = at;
  const topic: Topic = {
    name,
    arn,
    place: { partition, account, region },
    attributes: { ...input.Attributes },
    tags: tagRecord(input.Tags),
    subscriptions: new Map(),
  };
  at.state.topics.set(arn, topic);
  return topic;
}

function subscribe(at: SnsAt, topic: Topic, input: sdk.SubscribeInput): Subscription {
  const { Protocol: protocol = '', Endpoint: endpoint = '' } = input;
  if (!Object.hasOwn(ENDPOINTS, protocol))
    throw new AwsError('NotModelled', `The sandbox does not model SNS subscriptions by ${protocol}.`, 501);
  const isArn = protocol === 'sqs' || protocol === 'lambda';
  if (!ENDPOINTS[protocol]!.test(endpoint))
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: Endpoint Reason: ${endpoint} is no ${protocol} endpoint`,
    );
  if (protocol === 'lambda') checkRegions(topic.place.region, endpoint.split(':')[3]!);
  for (const [name, value] of Object.entries(input.Attributes ?? {})) checkSubscriptionAttribute(name, value, protocol);
  const existing = [...topic.subscriptions.values()].find(
    (one) => one.protocol === protocol && one.endpoint === endpoint,
  );
  if (existing) return existing;
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

function findTopic(at: SnsAt, arn: string | undefined): Topic {
  const place = topicPlace(arn);
  const topic = at.kernel.state(SNS, place).topics.get(place.topic);
  if (!topic || topic.arn !== arn) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
}

function findSubscription(at: SnsAt, arn: string | undefined): { topic: Topic; subscription: Subscription } {
  const place = topicPlace(arn);
  const topic = at.kernel.state(SNS, place).topics.get(place.topic);
  const subscription = topic?.subscriptions.get(arn ?? '');
  if (!topic || !subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
  return { topic, subscription };
}

const topicNeed = (topic: Topic, action: string): Need => ({
  action: `sns:${action}`,
  resource: topic.arn,
  ...(topic.attributes.Policy && {
    resourcePolicy: parseIamPolicy(topic.attributes.Policy, 'resource', 'InvalidParameter'),
  }),
});

function describeTopic(topic: Topic): Record<string, string> {
  const subscriptions = [...topic.subscriptions.values()];
  const pending = subscriptions.filter((subscription) => subscription.pending).length;
  return {
    ...topic.attributes,
    TopicArn: topic.arn,
    Owner: topic.place.account,
    DisplayName: topic.attributes.DisplayName ?? '',
    SubscriptionsConfirmed: String(subscriptions.length - pending),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: '0',
  };
}

const tagRecord = (tags: readonly sdk.Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

function listSubscriptions(subscriptions: readonly Subscription[], input: { NextToken?: string | undefined }) {
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

function setAttribute(attributes: Record<string, string>, name: string, value: string | undefined): void {
  if (value) attributes[name] = value;
  else delete attributes[name];
}

const pageOfItems = <T>(items: readonly T[], input: { NextToken?: string | undefined }) =>
  pageOf(items, input.NextToken, PAGE_SIZE, () => new AwsError('InvalidParameter', 'Invalid parameter: NextToken'));
