import * as z from 'zod';
import type { CreatedResource, ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { parseQueueUrl, type SqsAt, type SqsState } from './state.ts';

const document = z.record(z.string(), z.unknown());
const amount = z.coerce.number().int();

const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  FifoQueue: flag.optional(),
  ContentBasedDeduplication: flag.optional(),
  DelaySeconds: amount.optional(),
  MaximumMessageSize: amount.optional(),
  MessageRetentionPeriod: amount.optional(),
  ReceiveMessageWaitTimeSeconds: amount.optional(),
  VisibilityTimeout: amount.optional(),
  KmsMasterKeyId: z.string().optional(),
  KmsDataKeyReusePeriodSeconds: amount.optional(),
  SqsManagedSseEnabled: flag.optional(),
  RedrivePolicy: document.optional(),
  RedriveAllowPolicy: document.optional(),
  Tags: tagsSchema.optional(),
});

const policyProperties = z.strictObject({ PolicyDocument: document, Queues: z.array(z.string()).min(1) });
const inlinePolicyProperties = z.strictObject({ PolicyDocument: document, Queue: z.string() });

export const sqsResources: Record<string, ResourceType<SqsState>> = {
  'AWS::SQS::Queue': {
    create: async (properties, at, resource) => {
      const { QueueName, Tags, ...attributes } = parseProperties(
        'AWS::SQS::Queue',
        queueProperties,
        properties,
        resource,
      );
      const name = QueueName ?? physicalName(at.kernel, resource, attributes.FifoQueue ? '.fifo' : '');
      const { QueueUrl } = await at.kernel.call<object, { QueueUrl: string }>(at.principal, at, 'sqs', 'CreateQueue', {
        QueueName: name,
        Attributes: asStrings(attributes),
        tags: Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key, Value])),
      });
      return queueResult(at, QueueUrl);
    },
    update: async (existing, properties, at, resource) => {
      const {
        QueueName: _,
        Tags,
        FifoQueue: __,
        ...attributes
      } = parseProperties('AWS::SQS::Queue', queueProperties, properties, resource);
      await at.kernel.call(at.principal, at, 'sqs', 'SetQueueAttributes', {
        QueueUrl: existing.ref,
        Attributes: asStrings(attributes),
      });
      return existing;
    },
    remove: async (existing, at) => {
      await at.kernel.call(at.principal, at, 'sqs', 'DeleteQueue', { QueueUrl: existing.ref });
    },
  },
  'AWS::SQS::QueuePolicy': {
    create: (properties, at, resource) => {
      const { PolicyDocument, Queues } = parseProperties(
        'AWS::SQS::QueuePolicy',
        policyProperties,
        properties,
        resource,
      );
      return putPolicy(at, Queues, PolicyDocument, physicalName(at.kernel, resource));
    },
    update: (existing, properties, at, resource) => {
      const { PolicyDocument, Queues } = parseProperties(
        'AWS::SQS::QueuePolicy',
        policyProperties,
        properties,
        resource,
      );
      return putPolicy(at, Queues, PolicyDocument, existing.ref);
    },
    remove: async (_existing, at, _resource, { Queues }) => {
      for (const QueueUrl of Queues)
        await at.kernel.call(at.principal, at, 'sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy: '' } });
    },
  },
  'AWS::SQS::QueueInlinePolicy': {
    create: (properties, at, resource) => {
      const { PolicyDocument, Queue } = parseProperties(
        'AWS::SQS::QueueInlinePolicy',
        inlinePolicyProperties,
        properties,
        resource,
      );
      return putPolicy(at, [Queue], PolicyDocument, Queue);
    },
    update: (existing, properties, at, resource) => {
      const { PolicyDocument, Queue } = parseProperties(
        'AWS::SQS::QueueInlinePolicy',
        inlinePolicyProperties,
        properties,
        resource,
      );
      return putPolicy(at, [Queue], PolicyDocument, existing.ref);
    },
  },
};

function queueResult(at: SqsAt, url: string): CreatedResource {
  const { name } = parseQueueUrl(url, at);
  const Arn = `arn:${at.partition}:sqs:${at.region}:${at.account}:${name}`;
  return { ref: url, attributes: { Arn, QueueName: name, QueueUrl: url } };
}

async function putPolicy(at: SqsAt, queues: readonly string[], policy: object, ref: string): Promise<CreatedResource> {
  for (const QueueUrl of queues)
    await at.kernel.call(at.principal, at, 'sqs', 'SetQueueAttributes', {
      QueueUrl,
      Attributes: { Policy: JSON.stringify(policy) },
    });
  return { ref, attributes: { Id: ref } };
}

const asStrings = (attributes: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
