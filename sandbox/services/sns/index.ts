/**
 * Standard topics with subscriptions of queues, functions and (never confirmed) email and HTTPS endpoints.
 * Sources: SNS API reference and developer guide.
 */
import * as sdk from '@aws-sdk/client-sns';
import { AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { forEachEntry } from '../sqs/batch.ts';
import { checkSubscriptionAttribute, checkTopicAttribute } from './attributes.ts';
import { snsComparison } from './comparison.ts';
import { maxNotificationBytes, notificationBytes, publishNotification } from './publish.ts';
import { snsResources } from './resources.ts';
import { SNS, type SnsAt, type SnsState, topicArn, topicPlace } from './state.ts';
import { findSubscription, listSubscriptions, subscribe } from './subscriptions.ts';
import {
  createTopic,
  describeTopic,
  findTopic,
  pageOfItems,
  setAttribute,
  setPolicy,
  tagsFrom,
  topicNeed,
} from './topics.ts';

const MAX_TAGS = 50;
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
    const arn = input.TopicArn ?? input.TargetArn;
    if (arn === undefined)
      throw new AwsError(
        'InvalidParameter',
        'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter',
      );
    const topic = findTopic(at, arn);
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
  // https://docs.aws.amazon.com/sns/latest/dg/logging-using-cloudtrail.html
  trail: { unrecorded: ['Publish', 'PublishBatch'] },
  refuses: {
    CreateTopic: ['DataProtectionPolicy'],
    Publish: ['MessageDeduplicationId', 'MessageGroupId'],
  },
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
      run: (input, at) => ({ Attributes: describeTopic(at.kernel, findTopic(at, input.TopicArn)) }),
    },
    SetTopicAttributes: {
      ...topicOperation('SetTopicAttributes'),
      run: (input, at) => {
        checkTopicAttribute(input.AttributeName!, input.AttributeValue ?? '');
        const topic = findTopic(at, input.TopicArn);
        if (input.AttributeName === 'Policy') setPolicy(at.kernel, topic, input.AttributeValue);
        else setAttribute(topic.attributes, input.AttributeName!, input.AttributeValue);
        return {};
      },
    },
    TagResource: {
      ...taggedOperation('TagResource'),
      run: (input, at) => {
        const topic = findTopic(at, input.ResourceArn);
        const tags = { ...topic.tags, ...tagsFrom(input.Tags) };
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
        const isShown = input.ReturnSubscriptionArn || !subscription.pending;
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
