/** Queues for scenarios, created as an administrator of the account. */
import { CreateQueueCommand, type SQSClient, TagQueueCommand } from '@aws-sdk/client-sqs';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { textRecord } from '../kit/text-attributes.ts';
import { sqsQueue, urlOfQueue } from './queue.ts';

/** A queue whose name ends with `.fifo` is a FIFO queue. */
export const createQueue = (
  sqs: SQSClient,
  QueueName: string,
  attributes: Readonly<Record<string, string>>,
  tags?: Record<string, string>,
) => {
  const Attributes = { ...attributes, ...(QueueName.endsWith('.fifo') && { FifoQueue: 'true' }) };
  return sqs.send(new CreateQueueCommand({ QueueName, Attributes, tags }));
};

export const queues = resourceFixture(sqsQueue, {
  async create({ sqs }, { target }, values, tags) {
    await createQueue(sqs, target.queue, textRecord(values), tags);
    return target;
  },
  tag: async ({ sqs }, { target }, Tags) =>
    sqs.send(new TagQueueCommand({ QueueUrl: await urlOfQueue(sqs, target.queue), Tags })),
});

export const fifoQueues: typeof queues = { ...queues, uniqueName: ({ name }) => `${name}.fifo` };
