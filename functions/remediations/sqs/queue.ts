/** A queue by its ARN. */
import { GetQueueUrlCommand, ListQueueTagsCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { arn, type ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';

export const QUEUE_ARN = 'arn:{partition}:sqs:{region}:{account}:{queue}';
export const queueTarget = arn('AwsSqsQueue', QUEUE_ARN, { queue: /[\w-]{1,80}(?:\.fifo)?/ });

/** Every call to SQS takes the URL. Returns undefined if the queue is gone. */
export const urlOfQueue = async (sqs: SQSClient, QueueName: string): Promise<string | undefined> =>
  (await orUndefined(sqs.send(new GetQueueUrlCommand({ QueueName })), 'QueueDoesNotExist'))?.QueueUrl;

export async function queueTags(sqs: SQSClient, queue: string): Promise<ResourceTags> {
  const { Tags } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: await urlOfQueue(sqs, queue) }));
  return Tags ?? {};
}
