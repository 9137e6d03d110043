import { beforeEach, describe, expect, it, vi } from 'vitest';
import { onVisibleMessage } from '../../../sandbox/services/sqs/arrivals.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import {
  errorWith,
  TEST_ACCOUNT,
  TEST_PLACE,
  TEST_ROOT,
  type TestKernel,
  testKernel,
  testQueueArn,
} from '../support/messaging-kernel.ts';

vi.mock('../../../sandbox/services/kms/needs.ts', () => ({
  keyNeeds: (_kernel: unknown, _place: unknown, key: string | undefined, actions: string[], viaService: string) =>
    key ? actions.map((action) => ({ action, resource: key, context: { 'kms:ViaService': viaService } })) : [],
}));

let kernel: TestKernel;

beforeEach(() => {
  kernel = testKernel([sqs]);
});

async function queue(name = 'jobs', Attributes: Record<string, string> = {}): Promise<string> {
  return (await kernel.do('sqs', 'CreateQueue', { QueueName: name, Attributes })).QueueUrl;
}
const send = (QueueUrl: string, MessageBody: string, more = {}) =>
  kernel.do('sqs', 'SendMessage', { QueueUrl, MessageBody, ...more });
const receive = async (QueueUrl: string, more = {}) =>
  (await kernel.do('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more })).Messages ?? [];
const bodies = async (QueueUrl: string, more = {}) =>
  (await receive(QueueUrl, more)).map((message: any) => message.Body);
const counts = async (QueueUrl: string) => {
  const { Attributes } = await kernel.do('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  return [
    Attributes.ApproximateNumberOfMessages,
    Attributes.ApproximateNumberOfMessagesNotVisible,
    Attributes.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
};

describe('a message', () => {
  it('is received with the digests of body and attributes, which clients verify', async () => {
    const url = await queue();
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'a' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    };
    const sent = await send(url, 'Grüße', { MessageAttributes });
    const [message] = await receive(url, { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'Grüße',
      MessageId: sent.MessageId,
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(kernel.clock.now()) },
    });
    // From Python: hashlib.md5(b'Gr\xc3\xbc\xc3\x9fe') and the attributes' length-prefixed form.
    expect(sent.MD5OfMessageBody).toBe('49c5f675b49037b6044b803ac9d1a6d7');
    expect(sent.MD5OfMessageAttributes).toBe('a74228b3ba093831e117e89cf799fc40');
  });

  it.each<[string[], string[]]>([
    [[], []],
    [['All'], ['General', 'Hello', 'Help.Me']],
    [['*'], ['General', 'Hello', 'Help.Me']],
    [['.*'], ['General', 'Hello', 'Help.Me']],
    [['Foo', 'Help'], []],
    [['Foo', 'Hello'], ['Hello']],
    [['Hel.*'], ['Hello', 'Help.Me']],
    [['AWS.'], []],
    [['..foo'], []],
  ])('is received for attributes %j with %j', async (MessageAttributeNames, names) => {
    const url = await queue();
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const MessageAttributes = {
      Hello: attribute('There'),
      General: attribute('Kenobi'),
      'Help.Me': attribute('Me'),
    };
    await send(url, 'msg', { MessageAttributes });
    const [message] = await receive(url, { MessageAttributeNames });
    expect(Object.keys(message.MessageAttributes ?? {}).sort()).toEqual(names);
  });

  it('is hidden while in flight, and visible again after its visibility timeout', async () => {
    const url = await queue('jobs', { VisibilityTimeout: '30' });
    await send(url, 'a');
    expect(await bodies(url)).toEqual(['a']);
    await kernel.clock.advance(29_999);
    expect(await bodies(url)).toEqual([]);
    await kernel.clock.advance(1);
    const [again] = await receive(url, { AttributeNames: ['ApproximateReceiveCount'] });
    expect(again.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  });

  it('can be deleted by an older receipt handle', async () => {
    const url = await queue('jobs', { VisibilityTimeout: '1' });
    await send(url, 'a');
    const [first] = await receive(url);
    await kernel.clock.advance(1000);
    await receive(url);
    await kernel.do('sqs', 'DeleteMessage', { QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    await kernel.clock.advance(60_000);
    expect(await counts(url)).toEqual([0, 0, 0]);
  });

  it('is hidden during its delay', async () => {
    const url = await queue('jobs', { DelaySeconds: '5' });
    await send(url, 'a');
    await send(url, 'b', { DelaySeconds: 0 });
    expect(await counts(url)).toEqual([1, 0, 1]);
    expect(await bodies(url)).toEqual(['b']);
    await kernel.clock.advance(5000);
    expect(await bodies(url)).toEqual(['a']);
  });

  it('becomes visible at once by a timeout of 0, and later by a longer one', async () => {
    const url = await queue();
    await send(url, 'a');
    const [message] = await receive(url);
    const change = (VisibilityTimeout: number) =>
      kernel.do('sqs', 'ChangeMessageVisibility', {
        QueueUrl: url,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout,
      });
    await change(100);
    await kernel.clock.advance(99_000);
    expect(await counts(url)).toEqual([0, 1, 0]);
    await change(0);
    expect(await counts(url)).toEqual([1, 0, 0]);
    await expect(change(5)).rejects.toEqual(errorWith('MessageNotInflight'));
  });

  it('expires after the retention period', async () => {
    const url = await queue('jobs', { MessageRetentionPeriod: '60' });
    await send(url, 'a');
    await kernel.clock.advance(60_001);
    expect(await bodies(url)).toEqual([]);
  });
});

describe('long polling', () => {
  it('returns when a message arrives', async () => {
    const url = await queue();
    const polling = bodies(url, { WaitTimeSeconds: 20 });
    await kernel.clock.advance(3000);
    await send(url, 'late');
    expect(await polling).toEqual(['late']);
  });

  it('returns nothing after the wait time', async () => {
    const url = await queue();
    const polling = bodies(url, { WaitTimeSeconds: 20 });
    await kernel.clock.advance(20_000);
    expect(await polling).toEqual([]);
  });
});

describe('a listener', () => {
  it('is called at an arrival and at the end of a delay and a visibility timeout, until it is removed', async () => {
    const url = await queue('jobs', { VisibilityTimeout: '10' });
    const heard: number[] = [];
    const start = kernel.clock.now();
    const stop = onVisibleMessage(kernel, testQueueArn('jobs'), () => heard.push(kernel.clock.now() - start));
    await send(url, 'a');
    await receive(url);
    await send(url, 'b', { DelaySeconds: 4 });
    await kernel.clock.advance(60_000);
    expect(heard).toEqual([0, 4000, 10_000]);
    stop();
    await send(url, 'c');
    expect(heard).toHaveLength(3);
  });
});

describe('a dead-letter queue', () => {
  const redrive = (target: string, maxReceiveCount = 2) => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: testQueueArn(target), maxReceiveCount }),
    VisibilityTimeout: '0',
  });

  it('gets messages that were received too often, with their source queue', async () => {
    const dead = await queue('dead');
    const url = await queue('jobs', redrive('dead'));
    await send(url, 'poison');
    expect([await bodies(url), await bodies(url), await bodies(url)]).toEqual([['poison'], ['poison'], []]);
    const [message] = await receive(dead, { MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'] });
    expect(message).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: testQueueArn('jobs') } });
    expect(await kernel.do('sqs', 'ListDeadLetterSourceQueues', { QueueUrl: dead })).toEqual({ queueUrls: [url] });
  });

  it('returns its messages by a move task', async () => {
    await queue('dead');
    const url = await queue('jobs', redrive('dead', 1));
    await send(url, 'poison');
    await bodies(url);
    await bodies(url);
    await kernel.do('sqs', 'StartMessageMoveTask', { SourceArn: testQueueArn('dead') });
    await kernel.settle();
    expect(await kernel.do('sqs', 'ListMessageMoveTasks', { SourceArn: testQueueArn('dead') })).toMatchObject({
      Results: [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }],
    });
    expect(await bodies(url)).toEqual(['poison']);
  });

  it('must exist and allow the source queue', async () => {
    await expect(queue('jobs', redrive('dead'))).rejects.toEqual(errorWith('InvalidParameterValue', 'does not exist'));
    await queue('dead', {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [testQueueArn('other')] }),
    });
    await expect(queue('jobs', redrive('dead'))).rejects.toEqual(errorWith('InvalidParameterValue', 'is not allowed'));
  });
});

describe('a batch', () => {
  it('reports each entry separately', async () => {
    const url = await queue('jobs', { MaximumMessageSize: '1024' });
    const answer = await kernel.do('sqs', 'SendMessageBatch', {
      QueueUrl: url,
      Entries: [
        { Id: 'a', MessageBody: 'ok' },
        { Id: 'b', MessageBody: 'x'.repeat(2000) },
      ],
    });
    expect(answer).toMatchObject({
      Successful: [{ Id: 'a' }],
      Failed: [{ Id: 'b', Code: 'InvalidParameterValue', SenderFault: true }],
    });
    const [message] = await receive(url);
    const deleted = await kernel.do('sqs', 'DeleteMessageBatch', {
      QueueUrl: url,
      Entries: [
        { Id: 'a', ReceiptHandle: message.ReceiptHandle },
        { Id: 'b', ReceiptHandle: 'nonsense' },
      ],
    });
    expect(deleted).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', Code: 'ReceiptHandleIsInvalid' }] });
  });

  const entry = (Id: string) => ({ Id, MessageBody: 'a' });
  it.each([
    ['without entries', [], 'EmptyBatchRequest'],
    ['of eleven entries', Array.from({ length: 11 }, (_, index) => entry(`e${index}`)), 'TooManyEntriesInBatchRequest'],
    ['with a repeated id', [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['with an invalid id', [entry('a b')], 'InvalidBatchEntryId'],
    [
      'longer than 1 MiB together',
      [
        { Id: 'a', MessageBody: 'x'.repeat(600_000) },
        { Id: 'b', MessageBody: 'x'.repeat(600_000) },
      ],
      'BatchRequestTooLong',
    ],
  ])('%s is refused', async (_, Entries, code) => {
    const url = await queue();
    await expect(kernel.do('sqs', 'SendMessageBatch', { QueueUrl: url, Entries })).rejects.toEqual(errorWith(code));
  });
});

it('a message of a standard queue may have a group id, which makes the queue fair', async () => {
  const QueueUrl = await queue();
  for (const body of ['1', '2']) await send(QueueUrl, body, { MessageGroupId: 'tenant' });
  const received = await kernel.do('sqs', 'ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['MessageGroupId'],
  });
  expect(received.Messages.map(({ Attributes }: any) => Attributes)).toEqual([
    { MessageGroupId: 'tenant' },
    { MessageGroupId: 'tenant' },
  ]);
});

describe('a FIFO queue', () => {
  it('keeps the order of a group and ignores a duplicate', async () => {
    const url = await queue('jobs.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    for (const [body, group] of [
      ['1', 'g'],
      ['2', 'g'],
      ['1', 'g'],
      ['3', 'h'],
    ])
      await send(url, body!, { MessageGroupId: group });
    expect(await bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['1']);
    expect(await bodies(url)).toEqual(['3']);
  });
});

describe('SQS refuses', () => {
  it.each([
    [
      'a queue that does not exist',
      'SendMessage',
      { QueueUrl: `http://x/${TEST_ACCOUNT}/none`, MessageBody: 'a' },
      'QueueDoesNotExist',
    ],
    ['an invalid queue URL', 'SendMessage', { QueueUrl: 'jobs', MessageBody: 'a' }, 'InvalidAddress'],
    ['an unknown attribute', 'CreateQueue', { QueueName: 'a', Attributes: { Colour: 'red' } }, 'InvalidAttributeName'],
    [
      'an attribute out of range',
      'CreateQueue',
      { QueueName: 'a', Attributes: { VisibilityTimeout: '43201' } },
      'InvalidAttributeValue',
    ],
    ['an invalid name', 'CreateQueue', { QueueName: 'a.b' }, 'InvalidParameterValue'],
    [
      'an attribute of FIFO queues',
      'CreateQueue',
      { QueueName: 'a', Attributes: { FifoQueue: 'false' } },
      'InvalidAttributeName',
    ],
  ])('%s', async (_, operation, input, code) => {
    await expect(kernel.do('sqs', operation, input)).rejects.toEqual(errorWith(code));
  });

  it.each<[string, object, string, string]>([
    [
      'both kinds of encryption',
      { KmsMasterKeyId: 'alias/aws/sqs', SqsManagedSseEnabled: 'true' },
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time.',
    ],
    [
      'a dead-letter queue that has no ARN',
      { RedrivePolicy: '{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}' },
      'InvalidParameterValue',
      'Value {"deadLetterTargetArn": "dummy", "maxReceiveCount": 42} for parameter RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn.',
    ],
  ])('%s', async (_, Attributes, code, message) => {
    const QueueUrl = await queue();
    await expect(kernel.do('sqs', 'SetQueueAttributes', { QueueUrl, Attributes })).rejects.toEqual(
      errorWith(code, message),
    );
  });

  it('a delay of one message of a FIFO queue', async () => {
    const url = await queue('jobs.fifo', { FifoQueue: 'true' });
    const message = { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 2 };
    await expect(send(url, 'a', message)).rejects.toEqual(
      errorWith(
        'InvalidParameterValue',
        'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
      ),
    );
  });

  it('a second purge within a minute, and batches of more than ten', async () => {
    const QueueUrl = await queue();
    await kernel.do('sqs', 'PurgeQueue', { QueueUrl });
    await expect(kernel.do('sqs', 'PurgeQueue', { QueueUrl })).rejects.toEqual(
      errorWith('PurgeQueueInProgress', 'Only one PurgeQueue operation on jobs is allowed every 60 seconds.'),
    );
    const Entries = Array.from({ length: 20 }, (_, n) => ({ Id: `${n}`, ReceiptHandle: 'x' }));
    await expect(kernel.do('sqs', 'DeleteMessageBatch', { QueueUrl, Entries })).rejects.toEqual(
      errorWith('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10. You have sent 20.'),
    );
  });

  it('a queue with the name of one that was deleted less than a minute ago', async () => {
    await kernel.do('sqs', 'DeleteQueue', { QueueUrl: await queue() });
    await expect(queue()).rejects.toEqual(errorWith('QueueDeletedRecently'));
    await kernel.clock.advance(60_000);
    await expect(queue()).resolves.toBeDefined();
  });

  it.each([
    ['of an unknown type', { MessageAttributes: { a: { DataType: 'Text', StringValue: 'b' } } }],
    ['without a value', { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }],
    ["with one of AWS's names", { MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'b' } } }],
    ['with a number that is none', { MessageAttributes: { a: { DataType: 'Number', StringValue: 'b' } } }],
  ])('a message with an attribute %s', async (_, more) => {
    await expect(send(await queue(), 'a', more)).rejects.toEqual(errorWith('InvalidParameterValue'));
  });

  it.each([{ AttributeNames: ['Colour'] }, { MessageSystemAttributeNames: ['VisibilityTimeout'] }])(
    'to receive %j, which a message does not have',
    async (names) => {
      const QueueUrl = await queue();
      await expect(kernel.do('sqs', 'ReceiveMessage', { QueueUrl, ...names })).rejects.toEqual(
        errorWith('InvalidAttributeName'),
      );
    },
  );

  it('a deduplication id in a standard queue', async () => {
    await expect(send(await queue(), 'a', { MessageDeduplicationId: 'b' })).rejects.toEqual(
      errorWith('InvalidParameterValue', 'not valid for this queue type'),
    );
  });

  it('a message of more than 1 MiB including its attributes', async () => {
    const url = await queue();
    await send(url, 'x'.repeat(1_048_576));
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
    await expect(send(url, 'x'.repeat(1_048_570), { MessageAttributes })).rejects.toEqual(
      errorWith('InvalidParameterValue', 'shorter than 1048576 bytes'),
    );
  });
});

describe('a queue is resolved', () => {
  it.each([
    ["by the sandbox's URL", `http://127.0.0.1:4566/${TEST_ACCOUNT}/jobs`],
    ["by AWS's URL", `https://sqs.eu-west-1.amazonaws.com/${TEST_ACCOUNT}/jobs`],
    ['by a URL with the Region in its path', `http://127.0.0.1:4566/queue/eu-west-1/${TEST_ACCOUNT}/jobs`],
  ])('%s', async (_, url) => {
    await queue();
    await send(url, 'a');
    expect(await bodies(url)).toEqual(['a']);
  });

  it('from another Region by the Region in its URL', async () => {
    await queue();
    const input = { QueueUrl: `https://sqs.eu-west-1.amazonaws.com/${TEST_ACCOUNT}/jobs`, MessageBody: 'a' };
    await expect(kernel.do('sqs', 'SendMessage', input, { ...TEST_PLACE, region: 'us-east-1' })).resolves.toBeDefined();
  });
});

describe('permissions', () => {
  it("include the queue's policy and key", async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
    });
    const key = `arn:aws:kms:eu-west-1:${TEST_ACCOUNT}:key/1`;
    const url = await queue('jobs', { Policy, KmsMasterKeyId: key });
    kernel.needs.length = 0;
    await send(url, 'a');
    await receive(url);
    expect(kernel.needs.map((need) => [need.action, need.resource])).toEqual([
      ['sqs:SendMessage', testQueueArn('jobs')],
      ['kms:GenerateDataKey', key],
      ['kms:Decrypt', key],
      ['sqs:ReceiveMessage', testQueueArn('jobs')],
      ['kms:Decrypt', key],
    ]);
    expect(kernel.needs[0]?.resourcePolicy).toEqual(JSON.parse(Policy));
    expect(kernel.needs[1]?.context).toEqual({ 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' });
  });
});

describe('a template', () => {
  const at = () => ({
    ...TEST_PLACE,
    kernel,
    principal: TEST_ROOT,
    requestId: 'r',
    state: kernel.state(sqs, TEST_PLACE),
  });
  const resource = { logicalId: 'Jobs', stack: 'app' };

  it('creates a queue with its policy', async () => {
    const queueResource = await sqs.resources!['AWS::SQS::Queue']!.create(
      { VisibilityTimeout: 90, Tags: [{ Key: 'a', Value: 'b' }] },
      at(),
      resource,
    );
    expect(queueResource.ref).toMatch(/^http:\/\/127\.0\.0\.1:4566\/111122223333\/app-Jobs-[0-9A-F]{12}$/);
    expect(queueResource.attributes?.Arn).toBe(testQueueArn(queueResource.ref.split('/').at(-1)!));
    const PolicyDocument = { Version: '2012-10-17', Statement: [] };
    await sqs.resources!['AWS::SQS::QueuePolicy']!.create({ Queues: [queueResource.ref], PolicyDocument }, at(), {
      ...resource,
      logicalId: 'Policy',
    });
    const { Attributes } = await kernel.do('sqs', 'GetQueueAttributes', {
      QueueUrl: queueResource.ref,
      AttributeNames: ['All'],
    });
    expect(Attributes).toMatchObject({ VisibilityTimeout: '90', Policy: JSON.stringify(PolicyDocument) });
  });

  it('is refused with the name of an unknown property', async () => {
    const creating = async () => sqs.resources!['AWS::SQS::Queue']!.create({ Colour: 'red' }, at(), resource);
    await expect(creating()).rejects.toEqual(
      errorWith('ValidationError', 'Jobs (AWS::SQS::Queue): Properties: Unrecognized key: "Colour"'),
    );
  });
});
