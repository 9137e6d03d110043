/** Queues for scenarios, created as an administrator of the account. */
import { CreateQueueCommand, TagQueueCommand } from '@aws-sdk/client-sqs';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { textRecord } from '../kit/text-attributes.ts';
import { sqsQueue, urlOfQueue } from './queue.ts';

export const queues = resourceFixture(sqsQueue, {
  async create({ sqs }, { target }, values, tags) {
    const Attributes = { ...textRecord(values), ...(target.queue.endsWith('.fifo') && { FifoQueue: 'true' }) };
    await sqs.send(new CreateQueueCommand({ QueueName: target.queue, Attributes, tags }));
    return target;
  },
  tag: async ({ sqs }, { target }, Tags) =>
    sqs.send(new TagQueueCommand({ QueueUrl: await urlOfQueue(sqs, target.queue), Tags })),
});
