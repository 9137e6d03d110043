import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type At, AwsError, defineService } from '../../../sandbox/kernel/kernel.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import {
  errorWith,
  receivedFrom,
  TEST_ACCOUNT,
  TEST_PLACE,
  TEST_ROOT,
  type TestKernel,
  testKernel,
  testQueueArn,
} from '../support/messaging-kernel.ts';

vi.mock('../../../sandbox/services/kms/needs.ts', () => ({
  keyNeeds: (_kernel: unknown, _place: unknown, key: string | undefined, actions: string[]) =>
    key ? actions.map((action) => ({ action, resource: key })) : [],
}));

let kernel: TestKernel;
let invoked: any[];
let respond: () => object;
let topic: string;
const FUNCTION_PLACE = { ...TEST_PLACE, account: '444455556666', region: 'us-east-1' };
const FUNCTION_ARN = `arn:aws:lambda:${FUNCTION_PLACE.region}:${FUNCTION_PLACE.account}:function:fix`;

beforeEach(async () => {
  invoked = [];
  respond = () => ({});
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
          return respond();
        },
      },
    } as object,
  });
  kernel = testKernel([sns, sqs, lambda]);
  topic = (await kernel.do('sns', 'CreateTopic', { Name: 'news' })).TopicArn;
});

const queue = (QueueName: string) => kernel.do('sqs', 'CreateQueue', { QueueName });
const messages = (queue: string) => receivedFrom(kernel, queue);
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
  it("a queue in SNS's envelope, sent by SNS on behalf of the topic", async () => {
    await queue('news');
    await subscribe('sqs', testQueueArn('news'));
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
      account: TEST_ACCOUNT,
      source: topic,
    });
  });

  it('a queue unwrapped, with its attributes, by raw delivery', async () => {
    await queue('news');
    await subscribe('sqs', testQueueArn('news'), { RawMessageDelivery: 'true' });
    await publish('{"a":1}', { MessageAttributes: { kind: text('a') } });
    expect(await messages('news')).toMatchObject([{ Body: '{"a":1}', MessageAttributes: { kind: text('a') } }]);
  });

  it('a function in another account and Region, as a record', async () => {
    const subscription = await subscribe('lambda', FUNCTION_ARN);
    const id = await publish('hello');
    expect(invoked).toMatchObject([
      {
        where: [FUNCTION_PLACE.account, FUNCTION_PLACE.region],
        principal: { service: 'sns.amazonaws.com', source: topic },
        FunctionName: FUNCTION_ARN,
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

  it('each protocol in its own form', async () => {
    await queue('news');
    await subscribe('sqs', testQueueArn('news'), { RawMessageDelivery: 'true' });
    await subscribe('lambda', FUNCTION_ARN);
    await publish(JSON.stringify({ default: 'd', sqs: 'q' }), { MessageStructure: 'json' });
    expect((await messages('news'))[0].Body).toBe('q');
    expect(invoked[0].Payload.Records[0].Sns.Message).toBe('d');
  });

  it('no function in an opt-in Region', async () => {
    const far = FUNCTION_ARN.replace('us-east-1', 'af-south-1');
    await expect(subscribe('lambda', far)).rejects.toEqual(errorWith('InvalidParameter', 'af-south-1'));
  });

  it('no unconfirmed address', async () => {
    expect(await subscribe('email', 'a@example.com')).toBe('pending confirmation');
    await publish('hello');
    const { Subscriptions } = await kernel.do('sns', 'ListSubscriptionsByTopic', { TopicArn: topic });
    expect(Subscriptions).toMatchObject([
      { Protocol: 'email', Endpoint: 'a@example.com', SubscriptionArn: 'PendingConfirmation' },
    ]);
  });

  it('no deleted subscription', async () => {
    await kernel.do('sns', 'Unsubscribe', { SubscriptionArn: await subscribe('lambda', FUNCTION_ARN) });
    await publish('hello');
    expect(invoked).toEqual([]);
  });
});

describe('a filter policy', () => {
  const cases: [name: string, policy: object, scope: string, message: string, attributes: object, matches: boolean][] =
    [
      ['matches a value of an attribute', { kind: ['a', 'b'] }, 'MessageAttributes', 'x', { kind: text('b') }, true],
      ['does not match another value', { kind: ['a', 'b'] }, 'MessageAttributes', 'x', { kind: text('c') }, false],
      ['does not match a message without the attribute', { kind: ['a'] }, 'MessageAttributes', 'x', {}, false],
      [
        'requires all its attributes',
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
        'matches an item of a list',
        { kinds: ['b'] },
        'MessageAttributes',
        'x',
        { kinds: text('["a","b"]', 'String.Array') },
        true,
      ],
      [
        'matches the body',
        { detail: { state: [{ prefix: 'run' }] } },
        'MessageBody',
        '{"detail":{"state":"running"}}',
        {},
        true,
      ],
      [
        'does not match another body',
        { detail: { state: ['x'] } },
        'MessageBody',
        '{"detail":{"state":"running"}}',
        {},
        false,
      ],
      ['does not match a body that is not JSON', { detail: { state: ['x'] } }, 'MessageBody', 'text', {}, false],
    ];
  it.each(cases)('%s', async (_, policy, FilterPolicyScope, message, MessageAttributes, matches) => {
    await subscribe('lambda', FUNCTION_ARN, { FilterPolicy: JSON.stringify(policy), FilterPolicyScope });
    await publish(message, { MessageAttributes });
    expect(invoked).toHaveLength(matches ? 1 : 0);
  });
});

describe('a failing subscriber', () => {
  const withDeadLetters = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: testQueueArn('dead') }) };
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

  it('gets the message by a retry', async () => {
    respond = failing('TooManyRequestsException', 429);
    await subscribe('lambda', FUNCTION_ARN, withDeadLetters);
    await publish('hello');
    respond = () => ({});
    await pass(1);
    expect(invoked).toHaveLength(2);
    expect(await messages('dead')).toEqual([]);
  });

  it('has the message dead-lettered after the last retry', async () => {
    respond = failing('ServiceException', 500);
    await subscribe('lambda', FUNCTION_ARN, withDeadLetters);
    await publish('hello');
    await pass(300);
    expect(invoked).toHaveLength(16);
    expect(await messages('dead')).toMatchObject([
      { MessageAttributes: { ErrorCode: text('500'), ErrorMessage: text('no') } },
    ]);
  });

  it('has the message dead-lettered at once for a missing permission', async () => {
    respond = failing('AccessDeniedException', 403);
    await subscribe('lambda', FUNCTION_ARN, withDeadLetters);
    await publish('hello');
    expect(invoked).toHaveLength(1);
    expect(await messages('dead')).toHaveLength(1);
  });
});

describe('a batch', () => {
  it('publishes each entry separately', async () => {
    await subscribe('lambda', FUNCTION_ARN);
    const entry = (Id: string, Message: string) => ({ Id, Message });
    const respond = await kernel.do('sns', 'PublishBatch', {
      TopicArn: topic,
      PublishBatchRequestEntries: [entry('a', 'one'), entry('b', '')],
    });
    await kernel.settle();
    expect(respond).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', Code: 'InvalidParameter' }] });
    expect(invoked.map((one) => one.Payload.Records[0].Sns.Message)).toEqual(['one']);
  });
});

const NEWS = `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`;

it('a subscription that exists is returned, and refused with other attributes', async () => {
  const subscribe = (Attributes?: object) =>
    kernel.do('sns', 'Subscribe', { TopicArn: NEWS, Protocol: 'lambda', Endpoint: FUNCTION_ARN, Attributes });
  const { SubscriptionArn } = await subscribe({ FilterPolicy: '{"a":["b"]}' });
  expect((await subscribe()).SubscriptionArn).toBe(SubscriptionArn);
  expect((await subscribe({ FilterPolicy: '{"a":["b"]}' })).SubscriptionArn).toBe(SubscriptionArn);
  await expect(subscribe({ FilterPolicy: '{"a":["c"]}' })).rejects.toEqual(
    errorWith('InvalidParameter', 'already exists with different attributes'),
  );
});

describe('SNS refuses', () => {
  it.each([
    [
      'a topic that does not exist',
      'Publish',
      { TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:none`, Message: 'a' },
      'NotFound',
    ],
    [
      'more than 256 KiB',
      'Publish',
      { TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`, Message: 'x'.repeat(262_145) },
      'InvalidParameter',
    ],
    [
      'an endpoint of another protocol',
      'Subscribe',
      { TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`, Protocol: 'sqs', Endpoint: 'a@b' },
      'InvalidParameter',
    ],
    [
      'an invalid filter policy',
      'Subscribe',
      {
        TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`,
        Protocol: 'lambda',
        Endpoint: FUNCTION_ARN,
        Attributes: { FilterPolicy: '{"a":"b"}' },
      },
      'InvalidParameter',
    ],
    [
      "another service's resource",
      'Subscribe',
      { TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`, Protocol: 'sqs', Endpoint: FUNCTION_ARN },
      'InvalidParameter',
    ],
    [
      'an address that is not one',
      'Subscribe',
      { TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`, Protocol: 'email', Endpoint: 'ana' },
      'InvalidParameter',
    ],
    [
      'raw delivery that is neither true nor false',
      'Subscribe',
      {
        TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:news`,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:eu-west-1:${TEST_ACCOUNT}:jobs`,
        Attributes: { RawMessageDelivery: 'yes' },
      },
      'InvalidParameter',
    ],
    [
      'a filter policy that is not JSON',
      'Subscribe',
      { TopicArn: NEWS, Protocol: 'lambda', Endpoint: FUNCTION_ARN, Attributes: { FilterPolicy: 'a' } },
      'InvalidParameter',
    ],
    [
      'a protocol that SNS does not have',
      'Subscribe',
      { TopicArn: NEWS, Protocol: 'fax', Endpoint: '1' },
      'InvalidParameter',
    ],
    ['a message for no topic', 'Publish', { Message: 'a' }, 'InvalidParameter'],
    [
      'a message attribute of another type',
      'Publish',
      { TopicArn: NEWS, Message: 'a', MessageAttributes: { a: { DataType: 'Text', StringValue: 'b' } } },
      'ParameterValueInvalid',
    ],
    [
      'a message attribute without a value',
      'Publish',
      { TopicArn: NEWS, Message: 'a', MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      'ParameterValueInvalid',
    ],
    ['a FIFO topic', 'CreateTopic', { Name: 'a.fifo' }, 'NotModelled'],
  ])('%s', async (_, operation, input, code) => {
    await expect(kernel.do('sns', operation, input)).rejects.toEqual(errorWith(code));
  });
});

describe('permissions', () => {
  it("for publishing include the topic's policy and key", async () => {
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

describe('a template', () => {
  const create = async (type: string, properties: object) =>
    sns.resources![type]!.create(
      properties,
      { ...TEST_PLACE, kernel, principal: TEST_ROOT, requestId: 'r', state: kernel.state(sns, TEST_PLACE) },
      { logicalId: 'Thing', stack: 'app' },
    );

  it('creates a topic with its subscription and policy', async () => {
    const topicResource = await create('AWS::SNS::Topic', {
      TopicName: 'alarms',
      Subscription: [{ Protocol: 'lambda', Endpoint: FUNCTION_ARN }],
    });
    expect(topicResource).toEqual({
      ref: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:alarms`,
      attributes: { TopicArn: `arn:aws:sns:eu-west-1:${TEST_ACCOUNT}:alarms`, TopicName: 'alarms' },
    });
    const PolicyDocument = { Version: '2012-10-17', Statement: [] };
    await create('AWS::SNS::TopicPolicy', { Topics: [topicResource.ref], PolicyDocument });
    expect(await kernel.do('sns', 'GetTopicAttributes', { TopicArn: topicResource.ref })).toMatchObject({
      Attributes: { Policy: JSON.stringify(PolicyDocument), SubscriptionsConfirmed: '1' },
    });
  });

  it('creates a subscription to a topic in another Region', async () => {
    const far = (await kernel.do('sns', 'CreateTopic', { Name: 'far' }, FUNCTION_PLACE)).TopicArn;
    await create('AWS::SNS::Subscription', {
      TopicArn: far,
      Protocol: 'lambda',
      Endpoint: FUNCTION_ARN,
      FilterPolicy: { a: ['b'] },
    });
    expect(await kernel.do('sns', 'ListSubscriptionsByTopic', { TopicArn: far })).toMatchObject({
      Subscriptions: [{ Endpoint: FUNCTION_ARN, Owner: TEST_ACCOUNT }],
    });
  });

  it('is refused with the name of an unknown property', async () => {
    await expect(create('AWS::SNS::Topic', { Colour: 'red' })).rejects.toEqual(
      errorWith('ValidationError', 'Thing (AWS::SNS::Topic): Properties: Unrecognized key: "Colour"'),
    );
  });
});
