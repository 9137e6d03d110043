/** A queue: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { arn, type ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { textRecord, valuesOfTexts } from '../kit/text-attributes.ts';

export const QUEUE_ARN = 'arn:{partition}:sqs:{region}:{account}:{queue}';
export const queueTarget = arn('AwsSqsQueue', QUEUE_ARN, { queue: /[\w-]{1,80}|[\w-]{1,75}\.fifo/ });

/** Every call to SQS takes the URL. Returns undefined if the queue is gone. */
export const urlOfQueue = async (sqs: SQSClient, QueueName: string): Promise<string | undefined> =>
  (await orUndefined(sqs.send(new GetQueueUrlCommand({ QueueName })), 'QueueDoesNotExist'))?.QueueUrl;

export async function queueTags(sqs: SQSClient, queue: string): Promise<ResourceTags> {
  const { Tags } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: await urlOfQueue(sqs, queue) }));
  return Tags ?? {};
}

const ATTRIBUTES = {
  SqsManagedSseEnabled: { type: z.boolean(), default: false, terraform: 'sqs_managed_sse_enabled' },
  /** null: no key of KMS encrypts it. */
  KmsMasterKeyId: { type: z.string().nullable(), default: null, terraform: 'kms_master_key_id' },
};

export const sqsQueue = resourceType({
  target: queueTarget,
  clients: { sqs: SQSClient },
  cloudFormation: 'AWS::SQS::Queue',
  terraform: 'aws_sqs_queue',
  reads: [
    {
      actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ListQueueTags'],
      resources: [QUEUE_ARN],
      because: 'its attributes and tags',
    },
  ],
  writes: {
    actions: ['sqs:GetQueueUrl', 'sqs:SetQueueAttributes'],
    resources: [QUEUE_ARN],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: ATTRIBUTES,
}).by({
  async find({ sqs, target }) {
    const QueueUrl = await urlOfQueue(sqs, target.queue);
    if (!QueueUrl) return undefined;
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return valuesOfTexts(ATTRIBUTES, Attributes);
  },
  async change({ sqs, target }, values) {
    const QueueUrl = await urlOfQueue(sqs, target.queue);
    return sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: textRecord(values) }));
  },
  tags: (_, { sqs, target }) => queueTags(sqs, target.queue),
});
