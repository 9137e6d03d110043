import { beforeEach, describe, expect, test, vi } from 'vitest';
import { onMessage, sqs } from '../../../sandbox/services/sqs/index.ts';
import { account, admin, place, type TestKernel, testKernel } from '../event-patterns/kernel.ts';

vi.mock('../../../sandbox/services/kms/index.ts', () => ({
  keyNeeds: (_kernel: unknown, _place: unknown, key: string | undefined, actions: string[], viaService: string) =>
    key ? actions.map((action) => ({ action, resource: key, context: { 'kms:ViaService': viaService } })) : [],
}));

let kernel: TestKernel;
const arn = (name: string) => `arn:aws:sqs:eu-west-1:${account}:${name}`;

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
const refused = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('a message', () => {
  test('is received with the digests of its body and attributes that clients check', async () => {
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

  test('is hidden from others while received, and comes back when its time-out is over', async () => {
    const url = await queue('jobs', { VisibilityTimeout: '30' });
    await send(url, 'a');
    expect(await bodies(url)).toEqual(['a']);
    await kernel.clock.advance(29_999);
    expect(await bodies(url)).toEqual([]);
    await kernel.clock.advance(1);
    const [again] = await receive(url, { AttributeNames: ['ApproximateReceiveCount'] });
    expect(again.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  });

  test('is gone once deleted, also by an older handle', async () => {
    const url = await queue('jobs', { VisibilityTimeout: '1' });
    await send(url, 'a');
    const [first] = await receive(url);
    await kernel.clock.advance(1000);
    await receive(url);
    await kernel.do('sqs', 'DeleteMessage', { QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    await kernel.clock.advance(60_000);
    expect(await counts(url)).toEqual([0, 0, 0]);
  });

  test('stays away for its delay', async () => {
    const url = await queue('jobs', { DelaySeconds: '5' });
    await send(url, 'a');
    await send(url, 'b', { DelaySeconds: 0 });
    expect(await counts(url)).toEqual([1, 0, 1]);
    expect(await bodies(url)).toEqual(['b']);
    await kernel.clock.advance(5000);
    expect(await bodies(url)).toEqual(['a']);
  });

  test('is shown again at once by a visibility of zero, and kept longer by a greater one', async () => {
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
    await expect(change(5)).rejects.toEqual(refused('MessageNotInflight'));
  });

  test('expires with the retention period', async () => {
    const url = await queue('jobs', { MessageRetentionPeriod: '60' });
    await send(url, 'a');
    await kernel.clock.advance(60_001);
    expect(await bodies(url)).toEqual([]);
  });
});

describe('long polling', () => {
  test('answers when a message arrives', async () => {
    const url = await queue();
    const polling = bodies(url, { WaitTimeSeconds: 20 });
    await kernel.clock.advance(3000);
    await send(url, 'late');
    expect(await polling).toEqual(['late']);
  });

  test('answers empty when the wait is over', async () => {
    const url = await queue();
    const polling = bodies(url, { WaitTimeSeconds: 20 });
    await kernel.clock.advance(20_000);
    expect(await polling).toEqual([]);
  });
});

describe('a listener hears', () => {
  test('of an arrival, of the end of a delay and of a visibility time-out, until it is gone', async () => {
    const url = await queue('jobs', { VisibilityTimeout: '10' });
    const heard: number[] = [];
    const start = kernel.clock.now();
    const stop = onMessage(kernel, arn('jobs'), () => heard.push(kernel.clock.now() - start));
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
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(target), maxReceiveCount }),
    VisibilityTimeout: '0',
  });

  test('takes what was received as often as allowed, with where it came from', async () => {
    const dead = await queue('dead');
    const url = await queue('jobs', redrive('dead'));
    await send(url, 'poison');
    expect([await bodies(url), await bodies(url), await bodies(url)]).toEqual([['poison'], ['poison'], []]);
    const [message] = await receive(dead, { MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'] });
    expect(message).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: arn('jobs') } });
    expect(await kernel.do('sqs', 'ListDeadLetterSourceQueues', { QueueUrl: dead })).toEqual({ queueUrls: [url] });
  });

  test('gives its messages back in a move task', async () => {
    await queue('dead');
    const url = await queue('jobs', redrive('dead', 1));
    await send(url, 'poison');
    await bodies(url);
    await bodies(url);
    await kernel.do('sqs', 'StartMessageMoveTask', { SourceArn: arn('dead') });
    await kernel.settle();
    expect(await kernel.do('sqs', 'ListMessageMoveTasks', { SourceArn: arn('dead') })).toMatchObject({
      Results: [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }],
    });
    expect(await bodies(url)).toEqual(['poison']);
  });

  test('must exist and allow the source', async () => {
    await expect(queue('jobs', redrive('dead'))).rejects.toEqual(refused('InvalidParameterValue', 'does not exist'));
    await queue('dead', {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn('other')] }),
    });
    await expect(queue('jobs', redrive('dead'))).rejects.toEqual(refused('InvalidParameterValue', 'is not allowed'));
  });
});

describe('a batch', () => {
  test('reports each entry by its own', async () => {
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
  test.each([
    ['without entries', [], 'EmptyBatchRequest'],
    ['of eleven', Array.from({ length: 11 }, (_, index) => entry(`e${index}`)), 'TooManyEntriesInBatchRequest'],
    ['with an id twice', [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['with an id of other characters', [entry('a b')], 'InvalidBatchEntryId'],
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
    await expect(kernel.do('sqs', 'SendMessageBatch', { QueueUrl: url, Entries })).rejects.toEqual(refused(code));
  });
});

describe('a FIFO queue', () => {
  test('keeps the order of a group and takes a duplicate once', async () => {
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

describe('what is refused', () => {
  test.each([
    [
      'a queue that does not exist',
      'SendMessage',
      { QueueUrl: `http://x/${account}/none`, MessageBody: 'a' },
      'QueueDoesNotExist',
    ],
    ['an address that is none', 'SendMessage', { QueueUrl: 'jobs', MessageBody: 'a' }, 'InvalidAddress'],
    ['an unknown attribute', 'CreateQueue', { QueueName: 'a', Attributes: { Colour: 'red' } }, 'InvalidAttributeName'],
    [
      'an attribute out of range',
      'CreateQueue',
      { QueueName: 'a', Attributes: { VisibilityTimeout: '43201' } },
      'InvalidAttributeValue',
    ],
    ['a name with other characters', 'CreateQueue', { QueueName: 'a.b' }, 'InvalidParameterValue'],
  ])('%s', async (_, operation, input, code) => {
    await expect(kernel.do('sqs', operation, input)).rejects.toEqual(refused(code));
  });

  test('a message over 1 MiB, attributes included', async () => {
    const url = await queue();
    await send(url, 'x'.repeat(1_048_576));
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
    await expect(send(url, 'x'.repeat(1_048_570), { MessageAttributes })).rejects.toEqual(
      refused('InvalidParameterValue', 'shorter than 1048576 bytes'),
    );
  });
});

describe('a queue is found', () => {
  test.each([
    ['by the URL the sandbox gave', `http://127.0.0.1:4566/${account}/jobs`],
    ["by AWS's URL", `https://sqs.eu-west-1.amazonaws.com/${account}/jobs`],
    ['by a URL with the Region in its path', `http://127.0.0.1:4566/queue/eu-west-1/${account}/jobs`],
  ])('%s', async (_, url) => {
    await queue();
    await send(url, 'a');
    expect(await bodies(url)).toEqual(['a']);
  });

  test('from another Region by the Region of its URL', async () => {
    await queue();
    const input = { QueueUrl: `https://sqs.eu-west-1.amazonaws.com/${account}/jobs`, MessageBody: 'a' };
    await expect(kernel.do('sqs', 'SendMessage', input, { ...place, region: 'us-east-1' })).resolves.toBeDefined();
  });
});

describe('permission', () => {
  test('is asked with the queue policy, and for the key of an encrypted queue', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
    });
    const key = `arn:aws:kms:eu-west-1:${account}:key/1`;
    const url = await queue('jobs', { Policy, KmsMasterKeyId: key });
    kernel.needs.length = 0;
    await send(url, 'a');
    await receive(url);
    expect(kernel.needs.map((need) => [need.action, need.resource])).toEqual([
      ['sqs:SendMessage', arn('jobs')],
      ['kms:GenerateDataKey', key],
      ['kms:Decrypt', key],
      ['sqs:ReceiveMessage', arn('jobs')],
      ['kms:Decrypt', key],
    ]);
    expect(kernel.needs[0]?.resourcePolicy).toEqual(JSON.parse(Policy));
    expect(kernel.needs[1]?.context).toEqual({ 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' });
  });
});

describe('in a template', () => {
  const at = () => ({ ...place, kernel, principal: admin, requestId: 'r', state: kernel.state(sqs, place) });
  const resource = { logicalId: 'Jobs', stack: 'app' };

  test('a queue with its policy', async () => {
    const made = await sqs.resources!['AWS::SQS::Queue']!.create(
      { VisibilityTimeout: 90, Tags: [{ Key: 'a', Value: 'b' }] },
      at(),
      resource,
    );
    expect(made.ref).toMatch(/^http:\/\/127\.0\.0\.1:4566\/111122223333\/app-Jobs-[0-9A-F]{12}$/);
    expect(made.attributes?.Arn).toBe(arn(made.ref.split('/').at(-1)!));
    const PolicyDocument = { Version: '2012-10-17', Statement: [] };
    await sqs.resources!['AWS::SQS::QueuePolicy']!.create({ Queues: [made.ref], PolicyDocument }, at(), {
      ...resource,
      logicalId: 'Policy',
    });
    const { Attributes } = await kernel.do('sqs', 'GetQueueAttributes', {
      QueueUrl: made.ref,
      AttributeNames: ['All'],
    });
    expect(Attributes).toMatchObject({ VisibilityTimeout: '90', Policy: JSON.stringify(PolicyDocument) });
  });

  test('a property that is unknown is refused by its name', async () => {
    const creating = async () => sqs.resources!['AWS::SQS::Queue']!.create({ Colour: 'red' }, at(), resource);
    await expect(creating()).rejects.toEqual(
      refused('ValidationError', 'Jobs (AWS::SQS::Queue): Properties: Unrecognized key: "Colour"'),
    );
  });
});
