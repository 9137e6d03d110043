import { describe, expect, it } from 'vitest';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { dynamodbStreams } from '../../../sandbox/services/dynamodbstreams/index.ts';
import { smallKernel } from '../support/small-kernel.ts';

const DAY_MS = 86_400_000;
const LEDGER = {
  TableName: 'ledger',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};

async function sandbox(StreamViewType = 'NEW_AND_OLD_IMAGES') {
  const kernel = smallKernel(dynamodb, dynamodbStreams);
  const call = (operation: string, input: object) =>
    kernel.as('dynamodb', operation, { TableName: 'ledger', ...input });
  const stream = (operation: string, input: object) => kernel.as('dynamodbstreams', operation, input);
  await kernel.as('dynamodb', 'CreateTable', {
    ...LEDGER,
    StreamSpecification: { StreamEnabled: true, StreamViewType },
  });
  const { LatestStreamArn: StreamArn } = (await call('DescribeTable', {})).Table;
  const { StreamDescription } = await stream('DescribeStream', { StreamArn });
  const { ShardId } = StreamDescription.Shards[0];
  const iterator = (position: object) => stream('GetShardIterator', { StreamArn, ShardId, ...position });
  const records = async (position: object = { ShardIteratorType: 'TRIM_HORIZON' }) =>
    (await stream('GetRecords', { ...(await iterator(position)) })).Records;
  return { kernel, call, stream, iterator, records, StreamArn };
}
const item = (pk: string, more: object = {}) => ({ pk: { S: pk }, ...more });

describe('the stream of a table', () => {
  it('has a record with both images for each change, and none for a write that changes nothing', async () => {
    const { call, records } = await sandbox();
    await call('PutItem', { Item: item('a') });
    await call('PutItem', { Item: item('a') });
    await call('UpdateItem', {
      Key: item('a'),
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    });
    await call('DeleteItem', { Key: item('a') });
    await call('DeleteItem', { Key: item('none') });
    const changed = { pk: { S: 'a' }, n: { N: '1' } };
    const found = await records();
    expect(found.map(({ eventName }: any) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
    expect(found.map(({ dynamodb: { OldImage, NewImage } }: any) => [OldImage, NewImage])).toEqual([
      [undefined, item('a')],
      [item('a'), changed],
      [changed, undefined],
    ]);
  });

  it('has the writes of a transaction and of a batch, and none of a transaction that failed', async () => {
    const { kernel, call, records } = await sandbox();
    const putAction = (pk: string, more: object = {}) => ({ Put: { TableName: 'ledger', Item: item(pk), ...more } });
    await kernel.as('dynamodb', 'TransactWriteItems', { TransactItems: [putAction('a'), putAction('b')] });
    const failing = [putAction('c'), putAction('a', { ConditionExpression: 'attribute_not_exists(pk)' })];
    await expect(kernel.as('dynamodb', 'TransactWriteItems', { TransactItems: failing })).rejects.toThrow(
      'ConditionalCheckFailed',
    );
    const RequestItems = { ledger: [{ PutRequest: { Item: item('d') } }, { DeleteRequest: { Key: item('a') } }] };
    await call('BatchWriteItem', { TableName: undefined, RequestItems });
    const keys = (await records()).map(({ eventName, dynamodb: { Keys } }: any) => `${eventName} ${Keys.pk.S}`);
    expect(keys).toEqual(['INSERT a', 'INSERT b', 'INSERT d', 'REMOVE a']);
  });

  it('says that time to live deleted an item', async () => {
    const { kernel, call, records } = await sandbox();
    await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    const expires = { N: String(kernel.clock.now() / 1000 + 60) };
    await call('PutItem', { Item: item('a', { expires }) });
    await kernel.clock.advance(1.5 * DAY_MS);
    await call('GetItem', { Key: item('b') });
    expect((await records()).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    });
  });

  it.each([
    ['KEYS_ONLY', undefined, undefined],
    ['NEW_IMAGE', undefined, item('a')],
    ['OLD_IMAGE', undefined, undefined],
  ])('has the images of %s', async (view, OldImage, NewImage) => {
    const { call, records } = await sandbox(view);
    await call('PutItem', { Item: item('a') });
    const [{ dynamodb: change }] = await records();
    expect([change.OldImage, change.NewImage]).toEqual([OldImage, NewImage]);
  });

  it('drops records after a day, which a reader must not miss', async () => {
    const { kernel, call, records, iterator } = await sandbox();
    await call('PutItem', { Item: item('a') });
    const [{ dynamodb: first }] = await records();
    await call('PutItem', { Item: item('b') });
    await kernel.clock.advance(DAY_MS + 1000);
    expect(await records()).toEqual([]);
    const position = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: first.SequenceNumber };
    await expect(iterator(position)).rejects.toMatchObject({ code: 'TrimmedDataAccessException' });
  });

  it('is read from a sequence number on, for 15 minutes with one iterator', async () => {
    const { kernel, call, records, iterator, stream } = await sandbox();
    await call('PutItem', { Item: item('a') });
    await call('PutItem', { Item: item('b') });
    const [{ dynamodb: first }] = await records();
    const { SequenceNumber } = first;
    const after = await records({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
    expect(after.map(({ dynamodb: { Keys } }: any) => Keys.pk.S)).toEqual(['b']);
    expect(await records({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })).toHaveLength(2);
    expect(await records({ ShardIteratorType: 'LATEST' })).toEqual([]);
    const old = await iterator({ ShardIteratorType: 'LATEST' });
    await kernel.clock.advance(16 * 60_000);
    await expect(stream('GetRecords', old)).rejects.toMatchObject({ code: 'ExpiredIteratorException' });
  });

  it('ends and begins again with UpdateTable, under another ARN', async () => {
    const { kernel, call, StreamArn, records } = await sandbox();
    const update = (StreamSpecification: object) => call('UpdateTable', { StreamSpecification });
    await expect(update({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' })).rejects.toThrow('already');
    await update({ StreamEnabled: false });
    await call('PutItem', { Item: item('a') });
    expect(await records()).toEqual([]);
    await kernel.clock.advance(1000);
    await update({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    expect((await call('DescribeTable', {})).Table.LatestStreamArn).not.toBe(StreamArn);
  });

  it('needs a permission on its ARN', async () => {
    const { kernel, records, StreamArn } = await sandbox();
    kernel.needed.length = 0;
    await records();
    expect(kernel.needed.map(({ action, resource }) => [action, resource])).toEqual([
      ['dynamodb:GetShardIterator', StreamArn],
      ['dynamodb:GetRecords', StreamArn],
    ]);
  });
});
