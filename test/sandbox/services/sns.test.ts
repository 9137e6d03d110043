import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type At, AwsError, defineService } from '../../../sandbox/kernel/kernel.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { account, admin, place, type TestKernel, testKernel } from '../event-patterns/kernel.ts';

vi.mock('../../../sandbox/services/kms/index.ts', () => ({
  keyNeeds: (_kernel: unknown, _place: unknown, key: string | undefined, actions: string[]) =>
    key ? actions.map((action) => ({ action, resource: key })) : [],
}));

let kernel: TestKernel;
let invoked: any[];
let answer: () => object;
let topic: string;
const other = { ...place, account: '444455556666', region: 'us-east-1' };
const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:${account}:${name}`;
const functionArn = `arn:aws:lambda:${other.region}:${other.account}:function:fix`;
const refused = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

beforeEach(async () => {
  invoked = [];
  answer = () => ({});
  const lambda = defineService<any, object>({
    name: 'lambda',
    sdk: {},
    client: class {},
    prefix: 'lambda',
    scope: 'region',
    state: () => ({}),
    operations: {
      Invoke: {
        run: (input: any, at: At<object>) => {
          invoked.push({
            ...input,
            Payload: JSON.parse(new TextDecoder().decode(input.Payload)),
            where: [at.account, at.region],
            principal: at.principal,
          });
          return answer();
        },
      },
    } as object,
  });
  kernel = testKernel([sns, sqs, lambda]);
  topic = (await kernel.do('sns', 'CreateTopic', { Name: 'news' })).TopicArn;
});

const queue = (QueueName: string) => kernel.do('sqs', 'CreateQueue', { QueueName });
async function messages(name: string): Promise<any[]> {
  const input = { QueueUrl: `http://x/${account}/${name}`, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  return (await kernel.do('sqs', 'ReceiveMessage', input)).Messages ?? [];
}
async function subscribe(Protocol: string, Endpoint: string, Attributes = {}): Promise<string> {
  return (await kernel.do('sns', 'Subscribe', { TopicArn: topic, Protocol, Endpoint, Attributes })).SubscriptionArn;
}
async function publish(Message: string, more = {}) {
  const published = await kernel.do('sns', 'Publish', { TopicArn: topic, Message, ...more });
  await kernel.settle();
  return published.MessageId;
}
const text = (StringValue: string, DataType = 'String') => ({ DataType, StringValue });

describe('a message reaches', () => {
  test("a queue in SNS's envelope, sent as SNS on behalf of the topic", async () => {
    await queue('news');
    await subscribe('sqs', queueArn('news'));
    const id = await publish('héllo', { Subject: 'S', MessageAttributes: { kind: text('a') } });
    const [message] = await messages('news');
    expect(JSON.parse(message.Body)).toMatchObject({
      Type: 'Notification',
      MessageId: id,
      TopicArn: topic,
      Subject: 'S',
      Message: 'héllo',
      Timestamp: '2026-11-01T12:00:00.000Z',
      MessageAttributes: { kind: { Type: 'String', Value: 'a' } },
    });
    expect(kernel.needs.find((need) => need.action === 'sqs:SendMessage')?.principal).toEqual({
      kind: 'service',
      service: 'sns.amazonaws.com',
      account,
      source: topic,
    });
  });

  test('a queue raw, with its attributes, where the subscription says so', async () => {
    await queue('news');
    await subscribe('sqs', queueArn('news'), { RawMessageDelivery: 'true' });
    await publish('{"a":1}', { MessageAttributes: { kind: text('a') } });
    expect(await messages('news')).toMatchObject([{ Body: '{"a":1}', MessageAttributes: { kind: text('a') } }]);
  });

  test('a function in another account and Region, as a record', async () => {
    const subscription = await subscribe('lambda', functionArn);
    const id = await publish('hello');
    expect(invoked).toMatchObject([
      {
        where: [other.account, other.region],
        principal: { service: 'sns.amazonaws.com', source: topic },
        FunctionName: functionArn,
        InvocationType: 'Event',
        Payload: {
          Records: [
            {
              EventSource: 'aws:sns',
              EventVersion: '1.0',
              EventSubscriptionArn: subscription,
              Sns: { MessageId: id, Message: 'hello', Subject: null, TopicArn: topic },
            },
          ],
        },
      },
    ]);
  });

  test('each protocol in its own form', async () => {
    await queue('news');
    await subscribe('sqs', queueArn('news'), { RawMessageDelivery: 'true' });
    await subscribe('lambda', functionArn);
    await publish(JSON.stringify({ default: 'd', sqs: 'q' }), { MessageStructure: 'json' });
    expect((await messages('news'))[0].Body).toBe('q');
    expect(invoked[0].Payload.Records[0].Sns.Message).toBe('d');
  });

  test('no function in a Region that accounts must opt in to', async () => {
    const far = functionArn.replace('us-east-1', 'af-south-1');
    await expect(subscribe('lambda', far)).rejects.toEqual(refused('InvalidParameter', 'af-south-1'));
  });

  test('no address that has not confirmed', async () => {
    expect(await subscribe('email', 'a@example.com')).toBe('pending confirmation');
    await publish('hello');
    const { Subscriptions } = await kernel.do('sns', 'ListSubscriptionsByTopic', { TopicArn: topic });
    expect(Subscriptions).toMatchObject([
      { Protocol: 'email', Endpoint: 'a@example.com', SubscriptionArn: 'PendingConfirmation' },
    ]);
  });

  test('nobody any more who unsubscribed', async () => {
    await kernel.do('sns', 'Unsubscribe', { SubscriptionArn: await subscribe('lambda', functionArn) });
    await publish('hello');
    expect(invoked).toEqual([]);
  });
});

describe('a filter policy', () => {
  const cases: [name: string, policy: object, scope: string, message: string, attributes: object, wanted: boolean][] = [
    ['lets a value of an attribute through', { kind: ['a', 'b'] }, 'MessageAttributes', 'x', { kind: text('b') }, true],
    ['keeps another value', { kind: ['a', 'b'] }, 'MessageAttributes', 'x', { kind: text('c') }, false],
    ['keeps a message without the attribute', { kind: ['a'] }, 'MessageAttributes', 'x', {}, false],
    [
      'wants all its attributes',
      { kind: ['a'], size: [{ numeric: ['>', 5] }] },
      'MessageAttributes',
      'x',
      { kind: text('a'), size: text('4', 'Number') },
      false,
    ],
    [
      'compares numbers',
      { size: [{ numeric: ['>', 5] }] },
      'MessageAttributes',
      'x',
      { size: text('6', 'Number') },
      true,
    ],
    [
      'looks into a list',
      { kinds: ['b'] },
      'MessageAttributes',
      'x',
      { kinds: text('["a","b"]', 'String.Array') },
      true,
    ],
    [
      'looks into the body',
      { detail: { state: [{ prefix: 'run' }] } },
      'MessageBody',
      '{"detail":{"state":"running"}}',
      {},
      true,
    ],
    [
      'keeps a body that differs',
      { detail: { state: ['x'] } },
      'MessageBody',
      '{"detail":{"state":"running"}}',
      {},
      false,
    ],
    ['keeps a body that is no JSON', { detail: { state: ['x'] } }, 'MessageBody', 'text', {}, false],
  ];
  test.each(cases)('%s', async (_, policy, FilterPolicyScope, message, MessageAttributes, wanted) => {
    await subscribe('lambda', functionArn, { FilterPolicy: JSON.stringify(policy), FilterPolicyScope });
    await publish(message, { MessageAttributes });
    expect(invoked).toHaveLength(wanted ? 1 : 0);
  });
});

describe('a subscriber that fails', () => {
  const withDeadLetters = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead') }) };
  beforeEach(() => queue('dead'));
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await kernel.clock.advance(1000);
      await kernel.settle();
    }
  };
  const failing = (code: string, status: number) => () => {
    throw new AwsError(code, 'no', status);
  };

  test('for a moment gets the message in the end', async () => {
    answer = failing('TooManyRequestsException', 429);
    await subscribe('lambda', functionArn, withDeadLetters);
    await publish('hello');
    answer = () => ({});
    await pass(1);
    expect(invoked).toHaveLength(2);
    expect(await messages('dead')).toEqual([]);
  });

  test('for long has the message dead-lettered', async () => {
    answer = failing('ServiceException', 500);
    await subscribe('lambda', functionArn, withDeadLetters);
    await publish('hello');
    await pass(300);
    expect(invoked).toHaveLength(16);
    expect(await messages('dead')).toMatchObject([
      { MessageAttributes: { ErrorCode: text('500'), ErrorMessage: text('no') } },
    ]);
  });

  test('for a missing permission has it dead-lettered at once', async () => {
    answer = failing('AccessDeniedException', 403);
    await subscribe('lambda', functionArn, withDeadLetters);
    await publish('hello');
    expect(invoked).toHaveLength(1);
    expect(await messages('dead')).toHaveLength(1);
  });
});

describe('a batch', () => {
  test('is published entry by entry', async () => {
    await subscribe('lambda', functionArn);
    const entry = (Id: string, Message: string) => ({ Id, Message });
    const answer = await kernel.do('sns', 'PublishBatch', {
      TopicArn: topic,
      PublishBatchRequestEntries: [entry('a', 'one'), entry('b', '')],
    });
    await kernel.settle();
    expect(answer).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', Code: 'InvalidParameter' }] });
    expect(invoked.map((one) => one.Payload.Records[0].Sns.Message)).toEqual(['one']);
  });
});

describe('what is refused', () => {
  test.each([
    [
      'a topic that does not exist',
      'Publish',
      { TopicArn: `arn:aws:sns:eu-west-1:${account}:none`, Message: 'a' },
      'NotFound',
    ],
    [
      'more than 256 KiB',
      'Publish',
      { TopicArn: `arn:aws:sns:eu-west-1:${account}:news`, Message: 'x'.repeat(262_145) },
      'InvalidParameter',
    ],
    [
      'an endpoint of another protocol',
      'Subscribe',
      { TopicArn: `arn:aws:sns:eu-west-1:${account}:news`, Protocol: 'sqs', Endpoint: 'a@b' },
      'InvalidParameter',
    ],
    [
      'a filter policy that is none',
      'Subscribe',
      {
        TopicArn: `arn:aws:sns:eu-west-1:${account}:news`,
        Protocol: 'lambda',
        Endpoint: functionArn,
        Attributes: { FilterPolicy: '{"a":"b"}' },
      },
      'InvalidParameter',
    ],
    ['a FIFO topic', 'CreateTopic', { Name: 'a.fifo' }, 'NotModelled'],
  ])('%s', async (_, operation, input, code) => {
    await expect(kernel.do('sns', operation, input)).rejects.toEqual(refused(code));
  });
});

describe('permission', () => {
  test('to publish is asked with the policy of the topic, and for its key', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: topic },
    });
    const set = (AttributeName: string, AttributeValue: string) =>
      kernel.do('sns', 'SetTopicAttributes', { TopicArn: topic, AttributeName, AttributeValue });
    await set('Policy', Policy);
    await set('KmsMasterKeyId', 'key');
    kernel.needs.length = 0;
    await publish('a');
    expect(kernel.needs.map((need) => [need.action, need.resource])).toEqual([
      ['sns:Publish', topic],
      ['kms:GenerateDataKey', 'key'],
      ['kms:Decrypt', 'key'],
    ]);
    expect(kernel.needs[0]?.resourcePolicy).toEqual(JSON.parse(Policy));
  });
});

describe('in a template', () => {
  const create = async (type: string, properties: object) =>
    sns.resources![type]!.create(
      properties,
      { ...place, kernel, principal: admin, requestId: 'r', state: kernel.state(sns, place) },
      { logicalId: 'Thing', stack: 'app' },
    );

  test('a topic with its subscription and policy', async () => {
    const made = await create('AWS::SNS::Topic', {
      TopicName: 'alarms',
      Subscription: [{ Protocol: 'lambda', Endpoint: functionArn }],
    });
    expect(made).toEqual({
      ref: `arn:aws:sns:eu-west-1:${account}:alarms`,
      attributes: { TopicArn: `arn:aws:sns:eu-west-1:${account}:alarms`, TopicName: 'alarms' },
    });
    const PolicyDocument = { Version: '2012-10-17', Statement: [] };
    await create('AWS::SNS::TopicPolicy', { Topics: [made.ref], PolicyDocument });
    expect(await kernel.do('sns', 'GetTopicAttributes', { TopicArn: made.ref })).toMatchObject({
      Attributes: { Policy: JSON.stringify(PolicyDocument), SubscriptionsConfirmed: '1' },
    });
  });

  test('a subscription to a topic in another Region', async () => {
    const far = (await kernel.do('sns', 'CreateTopic', { Name: 'far' }, other)).TopicArn;
    await create('AWS::SNS::Subscription', {
      TopicArn: far,
      Protocol: 'lambda',
      Endpoint: functionArn,
      FilterPolicy: { a: ['b'] },
    });
    expect(await kernel.do('sns', 'ListSubscriptionsByTopic', { TopicArn: far })).toMatchObject({
      Subscriptions: [{ Endpoint: functionArn, Owner: account }],
    });
  });

  test('a property that is unknown is refused by its name', async () => {
    await expect(create('AWS::SNS::Topic', { Colour: 'red' })).rejects.toEqual(
      refused('ValidationError', 'Thing (AWS::SNS::Topic): Properties: Unrecognized key: "Colour"'),
    );
  });
});
