/** Queues with a message, and topics with a subscription. */
import type { TownBuilder } from './site.ts';

/** Everybody may send, so that nothing but the remediation's own permissions keeps it out. */
export const buildSqs: TownBuilder = async ({ call, partition, region, account }) => {
  const Resource = `arn:${partition}:sqs:${region}:${account}:town`;
  const anybody = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [anybody] });
  const { QueueUrl } = await call('CreateQueue', {
    QueueName: 'town',
    Attributes: { SqsManagedSseEnabled: 'false', VisibilityTimeout: '45', Policy },
    tags: { owner: 'town' },
  });
  await call('SendMessage', { QueueUrl, MessageBody: 'hello' });
};

export const buildSns: TownBuilder = async ({ call, partition, region, account }) => {
  const { TopicArn } = await call('CreateTopic', { Name: 'town', Tags: [{ Key: 'owner', Value: 'town' }] });
  const Endpoint = `arn:${partition}:sqs:${region}:${account}:town-subscriber`;
  await call('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
};
