import { afterEach, describe, expect, it } from 'vitest';
import { stopFunctions } from '../../../sandbox/runtime/pool.ts';
import { CLOUDWATCH } from '../../../sandbox/services/cloudwatch/state.ts';
import { LAMBDA_PLACE, lambdaAndQueues, loggedBatches, type Services } from '../support/lambda-and-queues.ts';

const HOUR = 3_600_000;
const STARTED: Services[] = [];
afterEach(async () => {
  for (const { kernel } of STARTED.splice(0)) await stopFunctions(kernel);
});

/** Logs the keys of each batch, and fails for a key that begins with `bad`. */
const CONSUMER = `export const handler = async ({ Records }) => {
  const keys = Records.map(({ eventName, dynamodb }) => eventName[0] + dynamodb.Keys.pk.S);
  console.log(JSON.stringify(keys));
  if (keys.some((key) => key.startsWith('Ibad'))) throw new Error('as told');
}`;
const LEDGER = {
  TableName: 'ledger',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};

type StreamSandbox = Services & { readonly streamArn: string; readonly mappingId: string };

async function table(source = CONSUMER): Promise<Services & { streamArn: string }> {
  const services = lambdaAndQueues();
  STARTED.push(services);
  const { attributes } = await services.make('AWS::DynamoDB::Table', {
    ...LEDGER,
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  await services.makeFunction(source, { Timeout: 10 });
  return { ...services, streamArn: attributes!.StreamArn };
}
async function sandbox(mapping: object = {}): Promise<StreamSandbox> {
  const services = await table();
  const { ref } = await services.make('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: services.streamArn,
    FunctionName: 'greet',
    StartingPosition: 'TRIM_HORIZON',
    ...mapping,
  });
  return { ...services, mappingId: ref };
}
const put = async ({ call }: Services, ...keys: string[]) => {
  for (const pk of keys) await call('dynamodb', 'PutItem', { TableName: 'ledger', Item: { pk: { S: pk } } });
};
const concurrency = ({ call }: Services, ReservedConcurrentExecutions: number) =>
  call('lambda', 'PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions });
async function discarded(services: Services): Promise<any[]> {
  const QueueUrl = `${services.kernel.endpoint}/111111111111/dropped`;
  const { Messages = [] } = await services.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  return Messages.map(({ Body }: { Body: string }) => JSON.parse(Body));
}
const DESTINATION = {
  DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-central-1:111111111111:dropped' } },
};

describe('an event source mapping of a stream', () => {
  it('passes changes in order, once', async () => {
    const services = await sandbox();
    await put(services, 'a', 'b');
    await services.settled();
    await services.call('dynamodb', 'DeleteItem', { TableName: 'ledger', Key: { pk: { S: 'a' } } });
    await services.settled();
    expect(loggedBatches(services).flat()).toEqual(['Ia', 'Ib', 'Ra']);
  });

  it('begins with the oldest record or with the next one, as StartingPosition says', async () => {
    for (const [StartingPosition, expected] of [
      ['TRIM_HORIZON', ['Ia', 'Ib']],
      ['LATEST', ['Ib']],
    ] as const) {
      const services = await table();
      await put(services, 'a');
      const input = { EventSourceArn: services.streamArn, FunctionName: 'greet', StartingPosition };
      await services.make('AWS::Lambda::EventSourceMapping', input);
      await services.settled();
      await put(services, 'b');
      await services.settled();
      expect(loggedBatches(services).flat()).toEqual(expected);
    }
  });

  it('fills a batch within its window, up to its size', async () => {
    const services = await sandbox({ BatchSize: 3, MaximumBatchingWindowInSeconds: 60 });
    await put(services, 'a', 'b', 'c', 'd');
    await services.settled();
    expect(loggedBatches(services)).toEqual([['Ia', 'Ib', 'Ic'], ['Id']]);
  });

  it('passes only what a filter matches', async () => {
    const Pattern = JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix: 'b' }] } } } });
    const services = await sandbox({ FilterCriteria: { Filters: [{ Pattern }] } });
    await put(services, 'a', 'b', 'c');
    await services.settled();
    expect(loggedBatches(services)).toEqual([['Ib']]);
  });

  it('retries a failed batch before later records', async () => {
    const services = await sandbox({ MaximumBatchingWindowInSeconds: 1 });
    await put(services, 'bad');
    await services.kernel.clock.advance(5000);
    await put(services, 'later');
    await services.kernel.clock.advance(HOUR);
    const tried = loggedBatches(services);
    expect(tried.length).toBeGreaterThan(3);
    expect(new Set(tried.flat())).toEqual(new Set(['Ibad']));
  });

  it('discards a batch after its retries, and sends its position to the destination', async () => {
    const services = lambdaAndQueues();
    STARTED.push(services);
    const withQueue = await sandbox({ MaximumRetryAttempts: 2, ...DESTINATION });
    await withQueue.make('AWS::SQS::Queue', { QueueName: 'dropped' });
    await put(withQueue, 'bad');
    await withQueue.kernel.clock.advance(HOUR);
    await put(withQueue, 'good');
    await withQueue.settled();
    expect(loggedBatches(withQueue)).toEqual([['Ibad'], ['Ibad'], ['Ibad'], ['Igood']]);
    expect(await discarded(withQueue)).toMatchObject([
      {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
        responseContext: { functionError: 'Unhandled' },
        DDBStreamBatchInfo: { batchSize: 1, streamArn: withQueue.streamArn },
      },
    ]);
  });

  it('halves a failed batch, which does not count as a retry', async () => {
    const mapping = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0, MaximumBatchingWindowInSeconds: 1 };
    const services = await sandbox(mapping);
    await put(services, 'a', 'bad', 'c', 'd');
    await services.settled();
    const done = loggedBatches(services).filter((keys) => !keys.includes('Ibad'));
    expect(done).toEqual([['Ia'], ['Ic', 'Id']]);
  });

  it('retries a throttled function without counting, until the records are too old', async () => {
    const services = await sandbox({ MaximumRetryAttempts: 0, MaximumRecordAgeInSeconds: 3600, ...DESTINATION });
    await services.make('AWS::SQS::Queue', { QueueName: 'dropped' });
    await concurrency(services, 0);
    await put(services, 'a');
    await services.kernel.clock.advance(HOUR / 2);
    expect(await discarded(services)).toEqual([]);
    const { series } = services.kernel.state(CLOUDWATCH, LAMBDA_PLACE);
    const ages = [...series.values()].find(({ name }) => name === 'IteratorAge')!.samples;
    expect(ages.at(-1)!.maximum).toBeGreaterThan(HOUR / 3);
    await services.kernel.clock.advance(HOUR);
    expect(await discarded(services)).toMatchObject([{ requestContext: { condition: 'RecordAgeExceeded' } }]);
  });

  it('passes the records of a throttled function when it is free again', async () => {
    const services = await sandbox();
    await concurrency(services, 0);
    await put(services, 'a');
    await services.kernel.clock.advance(HOUR);
    await services.call('lambda', 'DeleteFunctionConcurrency', { FunctionName: 'greet' });
    await services.kernel.clock.advance(HOUR);
    expect(loggedBatches(services)).toEqual([['Ia']]);
  });

  it('pauses while it is disabled, and continues at the same record', async () => {
    const services = await sandbox();
    const enable = (Enabled: boolean) =>
      services.call('lambda', 'UpdateEventSourceMapping', { UUID: services.mappingId, Enabled });
    await put(services, 'a');
    await services.settled();
    await enable(false);
    await put(services, 'b');
    await services.settled();
    expect(loggedBatches(services)).toEqual([['Ia']]);
    await enable(true);
    await services.settled();
    expect(loggedBatches(services)).toEqual([['Ia'], ['Ib']]);
  });

  it.each([
    ['dynamodb:GetRecords', {}, /GetRecords on DynamoDB/],
    ['dynamodb:ListStreams', {}, /ListStreams on DynamoDB/],
    ['sqs:SendMessage', DESTINATION, /SendMessage on SQS/],
  ])('is refused if the role lacks %s', async (action, mapping, message) => {
    const services = await table();
    services.denied.add(action);
    const input = { EventSourceArn: services.streamArn, FunctionName: 'greet', StartingPosition: 'LATEST', ...mapping };
    await expect(services.make('AWS::Lambda::EventSourceMapping', input)).rejects.toThrow(message);
  });

  it.each([
    ['TumblingWindowInSeconds', { TumblingWindowInSeconds: 30 }],
    ['FunctionResponseTypes', { FunctionResponseTypes: ['ReportBatchItemFailures'] }],
    ['ParallelizationFactor', { ParallelizationFactor: 2 }],
  ])('refuses %s by name', async (name, mapping) => {
    const services = await table();
    const input = { EventSourceArn: services.streamArn, FunctionName: 'greet', StartingPosition: 'LATEST', ...mapping };
    await expect(services.make('AWS::Lambda::EventSourceMapping', input)).rejects.toThrow(name);
  });
});
