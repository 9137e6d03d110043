/** Creates, finds and describes topics. */
import type * as sdk from '@aws-sdk/client-sns';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Kernel, type Need } from '../../kernel/kernel.ts';
import { type BoundText, unbindPolicyText } from '../iam/bound-policy.ts';
import { pageOf } from '../requests.ts';
import { bindTopicPolicy, checkTopicAttribute } from './attributes.ts';
import { SNS, type SnsAt, type Topic, topicArn, topicPlace } from './state.ts';

const PAGE_SIZE = 100;

export function createTopic(at: SnsAt, input: sdk.CreateTopicInput): Topic {
  const name = input.Name ?? '';
  if (name.endsWith('.fifo') || input.Attributes?.FifoTopic === 'true')
    throw new AwsError('NotModelled', 'The sandbox does not model FIFO topics.', 501);
  if (!/^[\w-]{1,256}$/.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
  for (const [key, value] of Object.entries(input.Attributes ?? {})) checkTopicAttribute(key, value);
  const arn = topicArn(at, name);
  const existing = at.state.topics.get(arn);
  if (existing) {
    const known = describeTopic(at.kernel, existing);
    const differs = Object.entries(input.Attributes ?? {}).some(([key, value]) => known[key] !== value);
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
    tags: tagsFrom(input.Tags),
    subscriptions: new Map(),
  };
  if (input.Attributes?.Policy) setPolicy(at.kernel, topic, input.Attributes.Policy);
  at.state.topics.set(arn, topic);
  return topic;
}

export function findTopic(at: SnsAt, arn: string | undefined): Topic {
  const place = topicPlace(arn);
  const topic = at.kernel.state(SNS, place).topics.get(place.topic);
  if (!topic || topic.arn !== arn) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
}

export const topicNeed = (topic: Topic, action: string): Need => ({
  action: `sns:${action}`,
  resource: topic.arn,
  ...(topic.attributes.Policy && {
    resourcePolicy: parseIamPolicy(topic.attributes.Policy, 'resource', 'InvalidParameter'),
  }),
});

export function describeTopic(kernel: Kernel, topic: Topic): Record<string, string> {
  const { Policy } = topic.attributes;
  const subscriptions = [...topic.subscriptions.values()];
  const pending = subscriptions.filter((subscription) => subscription.pending).length;
  return {
    ...topic.attributes,
    ...(Policy && { Policy: unbindPolicyText(kernel, Policy, topic.principals) }),
    TopicArn: topic.arn,
    Owner: topic.place.account,
    DisplayName: topic.attributes.DisplayName ?? '',
    SubscriptionsConfirmed: String(subscriptions.length - pending),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: '0',
  };
}

export const tagsFrom = (tags: readonly sdk.Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

export function setPolicy(kernel: Kernel, topic: Topic, policy: string | undefined): void {
  const { text, names }: Partial<BoundText> = policy ? bindTopicPolicy(kernel, policy) : {};
  setAttribute(topic.attributes, 'Policy', text);
  topic.principals = names;
}

export function setAttribute(attributes: Record<string, string>, name: string, value: string | undefined): void {
  if (value) attributes[name] = value;
  else delete attributes[name];
}

export const pageOfItems = <T>(items: readonly T[], input: { NextToken?: string | undefined }) =>
  pageOf(items, input.NextToken, PAGE_SIZE, () => new AwsError('InvalidParameter', 'Invalid parameter: NextToken'));
