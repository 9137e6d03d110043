import { afterEach, describe, expect, it } from 'vitest';
import { stopFunctions } from '../../../sandbox/runtime/pool.ts';
import { lambdaAndQueues, loggedBatches, type Services } from '../support/lambda-and-queues.ts';
import { NOON } from '../support/runtime-kernel.ts';

const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:111111111111:work';
const STARTED: Services[] = [];
afterEach(async () => {
  for (const { kernel } of STARTED.splice(0)) await stopFunctions(kernel);
});

/** Logs the bodies of each batch and the seconds since the start. */
const CONSUMER = `export const handler = async (event) => {
  console.log(JSON.stringify([(Date.now() - ${NOON}) / 1000, ...event.Records.map((record) => record.body)]));
  if (event.Records.some((record) => record.body === 'throw')) throw new Error('as told');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const failed = event.Records.filter((record) => record.body.startsWith('bad') && record.attributes.ApproximateReceiveCount < 2);
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
}`;

const sandbox = async (mapping: object = {}, source = CONSUMER): Promise<Services & { mappingId: string }> => {
  const services = lambdaAndQueues();
  STARTED.push(services);
  await services.make('AWS::SQS::Queue', { QueueName: 'work', VisibilityTimeout: 60 });
  await services.makeFunction(source, { Timeout: 10 });
  const { ref } = await services.make('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: QUEUE_ARN,
    FunctionName: 'greet',
    ...mapping,
  });
  return { ...services, mappingId: ref };
};
const send = async ({ kernel, call }: Services, ...bodies: string[]) => {
  for (const MessageBody of bodies) {
    await call('sqs', 'SendMessage', { QueueUrl: `${kernel.endpoint}/111111111111/work`, MessageBody });
  }
};
const left = async ({ kernel, call }: Services) => {
  const { Attributes } = await call('sqs', 'GetQueueAttributes', {
    QueueUrl: `${kernel.endpoint}/111111111111/work`,
    AttributeNames: ['All'],
  });
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
};

describe('an event source mapping', () => {
  it('passes messages to the function and deletes them', async () => {
    const services = await sandbox();
    await send(services, 'one');
    await services.settled();
    expect(loggedBatches(services)).toEqual([[0, 'one']]);
    expect(await left(services)).toBe(0);
    await send(services, 'two');
    await services.settled();
    expect(loggedBatches(services)).toEqual([
      [0, 'one'],
      [1, 'two'],
    ]);
  });

  it('does not keep the sandbox busy while the queue is empty', async () => {
    const services = await sandbox();
    await services.settled();
    expect(services.kernel.clock.now()).toBe(NOON);
  });

  it('leaves a failed batch to the visibility timeout', async () => {
    const services = await sandbox();
    await services.make('AWS::SQS::Queue', { QueueName: 'dead' });
    await services.call('sqs', 'SetQueueAttributes', {
      QueueUrl: `${services.kernel.endpoint}/111111111111/work`,
      Attributes: {
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: QUEUE_ARN.replace('work', 'dead'), maxReceiveCount: 2 }),
      },
    });
    await send(services, 'throw');
    await services.settled();
    expect(loggedBatches(services)).toEqual([
      [0, 'throw'],
      [60, 'throw'],
    ]);
    expect(await left(services)).toBe(0);
  });

  it('gathers a batch within the window', async () => {
    const services = await sandbox({ BatchSize: 25, MaximumBatchingWindowInSeconds: 5 });
    await send(services, 'a', 'b');
    services.kernel.clock.after(3000, () => void send(services, 'c'));
    await services.settled();
    expect(loggedBatches(services)).toEqual([[5, 'a', 'b', 'c']]);
  });

  it('does not wait for the window when the batch is full', async () => {
    const services = await sandbox({ BatchSize: 12, MaximumBatchingWindowInSeconds: 300 });
    await send(services, ...Array.from({ length: 24 }, (_, index) => String(index)));
    await services.settled();
    expect(loggedBatches(services).map(([at, ...bodies]) => [at, bodies.length])).toEqual([
      [0, 12],
      [0, 12],
    ]);
  });

  it('runs no more concurrent batches than configured', async () => {
    const services = await sandbox({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    await send(services, 'a', 'b', 'c', 'd');
    await services.settled();
    expect(loggedBatches(services).map(([at]) => at)).toEqual([0, 0, 1, 1]);
  });

  it.each([
    // After 1, 3, 7, 15 and 31 seconds.
    [20_000, 31],
    // The messages become visible again after 60 seconds. Then after 1, 3, 7 and 15 more.
    [70_000, 75],
  ])('retries throttled batches while their messages are hidden', async (freeAfterMs, at) => {
    const services = await sandbox();
    const reservation = { FunctionName: 'greet', ReservedConcurrentExecutions: 0 };
    await services.call('lambda', 'PutFunctionConcurrency', reservation);
    services.kernel.clock.after(
      freeAfterMs,
      () => void services.call('lambda', 'DeleteFunctionConcurrency', reservation),
    );
    await send(services, 'a');
    await services.settled();
    expect(loggedBatches(services)).toEqual([[at, 'a']]);
    expect(await left(services)).toBe(0);
  });

  it('retries only the messages that the function reports', async () => {
    const services = await sandbox({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 3,
      MaximumBatchingWindowInSeconds: 1,
    });
    await send(services, 'good', 'bad 1', 'bad 2');
    await services.settled();
    expect(loggedBatches(services)).toEqual([
      [0, 'good', 'bad 1', 'bad 2'],
      [61, 'bad 1', 'bad 2'],
    ]);
    expect(await left(services)).toBe(0);
  });

  it.each([
    ['an unknown message', "{ batchItemFailures: [{ itemIdentifier: 'other' }] }", 2],
    ['no identifier', '{ batchItemFailures: [{}] }', 2],
    ['no list', "{ batchItemFailures: 'all' }", 2],
    ['what is no object', "'fine'", 2],
    ['nothing', 'null', 0],
    ['an empty object', '{}', 0],
    ['an empty list', '{ batchItemFailures: [] }', 0],
  ])('an answer that reports %s leaves the expected number of messages', async (_, answer, expected) => {
    const services = await sandbox(
      { FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 2 },
      `export const handler = async () => (${answer})`,
    );
    // The clock stops, so nothing is retried.
    services.kernel.clock.hold();
    await send(services, 'one', 'two');
    await expect
      .poll(() => services.call('lambda', 'ListEventSourceMappings', {}))
      .toMatchObject({
        EventSourceMappings: [{ LastProcessingResult: expected ? expect.stringMatching(/^PROBLEM/) : 'OK' }],
      });
    expect(await left(services)).toBe(expected);
  });

  it('stops when it is disabled and continues when it is enabled', async () => {
    const services = await sandbox();
    const { call, mappingId } = services;
    expect(await call('lambda', 'UpdateEventSourceMapping', { UUID: mappingId, Enabled: false })).toMatchObject({
      State: 'Disabled',
    });
    await send(services, 'one');
    await services.settled();
    expect(loggedBatches(services)).toEqual([]);
    await call('lambda', 'UpdateEventSourceMapping', { UUID: mappingId, Enabled: true });
    await services.settled();
    expect(loggedBatches(services)).toEqual([[0, 'one']]);
    const { EventSourceMappings } = await call('lambda', 'ListEventSourceMappings', { FunctionName: 'greet' });
    expect(EventSourceMappings).toMatchObject([{ UUID: mappingId, State: 'Enabled', LastProcessingResult: 'OK' }]);
  });

  it('retries, then reports an error, when its role loses access to the queue', async () => {
    const services = await sandbox();
    services.denied.add('sqs:ReceiveMessage');
    await send(services, 'one');
    await expect(services.settled()).rejects.toThrow('sqs:ReceiveMessage');
    expect(services.kernel.clock.now()).toBe(NOON + 15_000);
  });

  it.each([
    [
      'ReceiveMessage is denied',
      { denied: 'sqs:ReceiveMessage' },
      'The function execution role does not have permissions to call ReceiveMessage on SQS',
    ],
    [
      'DeleteMessage is denied',
      { denied: 'sqs:DeleteMessage' },
      'The function execution role does not have permissions to call DeleteMessage on SQS',
    ],
    [
      'messages come back before the time-out',
      { timeout: 61 },
      'Queue visibility timeout: 60 seconds is less than Function timeout: 61 seconds',
    ],
    [
      'a large batch has no window',
      { batch: 11 },
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    ],
  ])(
    'is not created if %s',
    async (_, { denied, timeout = 10, batch = 10 }: { denied?: string; timeout?: number; batch?: number }, message) => {
      const services = lambdaAndQueues();
      await services.make('AWS::SQS::Queue', { QueueName: 'work', VisibilityTimeout: 60 });
      await services.makeFunction(CONSUMER, { Timeout: timeout });
      if (denied) services.denied.add(denied);
      const mapping = { EventSourceArn: QUEUE_ARN, FunctionName: 'greet', BatchSize: batch };
      await expect(services.make('AWS::Lambda::EventSourceMapping', mapping)).rejects.toMatchObject({
        code: 'InvalidParameterValueException',
        message,
      });
    },
  );
});
