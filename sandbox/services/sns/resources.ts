import * as z from 'zod';
import type { CreatedResource, ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { type SnsAt, type SnsState, topicPlace } from './state.ts';

const document = z.record(z.string(), z.unknown());

const topicProperties = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
  SignatureVersion: z.enum(['1', '2']).optional(),
  TracingConfig: z.enum(['PassThrough', 'Active']).optional(),
  Subscription: z.array(z.strictObject({ Endpoint: z.string(), Protocol: z.string() })).optional(),
  Tags: tagsSchema.optional(),
});
const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  /** Only if it differs from the stack's Region. */
  Region: z.string().optional(),
  FilterPolicy: document.optional(),
  FilterPolicyScope: z.string().optional(),
  RawMessageDelivery: flag.optional(),
  RedrivePolicy: document.optional(),
});
const policyProperties = z.strictObject({ PolicyDocument: document, Topics: z.array(z.string()).min(1) });
const inlinePolicyProperties = z.strictObject({ PolicyDocument: document, TopicArn: z.string() });

export const snsResources: Record<string, ResourceType<SnsState>> = {
  'AWS::SNS::Topic': {
    create: async (properties, at, resource) => {
      const {
        TopicName,
        Subscription,
        Tags: _,
        ...attributes
      } = parseProperties('AWS::SNS::Topic', topicProperties, properties, resource);
      const name = TopicName ?? physicalName(at.kernel, resource, '', 256);
      const { TopicArn } = await call<{ TopicArn: string }>(at, 'CreateTopic', {
        Name: name,
        Attributes: asStrings(attributes),
      });
      for (const subscription of Subscription ?? []) await call(at, 'Subscribe', { TopicArn, ...subscription });
      return { ref: TopicArn, attributes: { TopicArn, TopicName: name } };
    },
    remove: async (existing, at) => {
      await call(at, 'DeleteTopic', { TopicArn: existing.ref });
    },
  },
  'AWS::SNS::Subscription': {
    create: async (properties, at, resource) => {
      const { TopicArn, Protocol, Endpoint, Region, ...attributes } = parseProperties(
        'AWS::SNS::Subscription',
        subscriptionProperties,
        properties,
        resource,
      );
      const region = Region ?? topicPlace(TopicArn).region;
      const { SubscriptionArn } = await call<{ SubscriptionArn: string }>({ ...at, region }, 'Subscribe', {
        TopicArn,
        Protocol,
        Endpoint,
        Attributes: asStrings(attributes),
        ReturnSubscriptionArn: true,
      });
      return { ref: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
    },
    remove: async (existing, at) => {
      await call(at, 'Unsubscribe', { SubscriptionArn: existing.ref });
    },
  },
  'AWS::SNS::TopicPolicy': {
    create: (properties, at, resource) => {
      const { Topics, PolicyDocument } = parseProperties(
        'AWS::SNS::TopicPolicy',
        policyProperties,
        properties,
        resource,
      );
      return putPolicy(at, Topics, PolicyDocument, physicalName(at.kernel, resource));
    },
    update: (existing, properties, at, resource) => {
      const { Topics, PolicyDocument } = parseProperties(
        'AWS::SNS::TopicPolicy',
        policyProperties,
        properties,
        resource,
      );
      return putPolicy(at, Topics, PolicyDocument, existing.ref);
    },
    remove: async (_existing, at, _resource, { Topics }) => {
      for (const TopicArn of Topics)
        await call(at, 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: '' });
    },
  },
  'AWS::SNS::TopicInlinePolicy': {
    create: (properties, at, resource) => {
      const { TopicArn, PolicyDocument } = parseProperties(
        'AWS::SNS::TopicInlinePolicy',
        inlinePolicyProperties,
        properties,
        resource,
      );
      return putPolicy(at, [TopicArn], PolicyDocument, TopicArn);
    },
  },
};

async function putPolicy(at: SnsAt, topics: readonly string[], policy: object, ref: string): Promise<CreatedResource> {
  for (const TopicArn of topics)
    await call(at, 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: JSON.stringify(policy) });
  return { ref, attributes: { Id: ref } };
}

const call = <O>(at: SnsAt, operation: string, input: object): Promise<O> =>
  at.kernel.call<object, O>(at.principal, at, 'sns', operation, input);

const asStrings = (attributes: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
