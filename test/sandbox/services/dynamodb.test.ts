import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { BACKFILL_MS } from '../../../sandbox/services/dynamodb/indexes.ts';
import { DYNAMODB } from '../../../sandbox/services/dynamodb/state.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

const DAY_MS = 86_400_000;
const ARN = 'arn:aws:dynamodb:us-east-1:111122223333:table/ledger';

const LEDGER = {
  TableName: 'ledger',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: ['pk', 'sk', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byOwner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

const key = (pk: string, sk = 'a') => ({ pk: { S: pk }, sk: { S: sk } });

async function sandbox(table: object = {}, kernel = smallKernel(dynamodb, kms)) {
  await kernel.as('dynamodb', 'CreateTable', { ...LEDGER, ...table });
  kernel.needed.length = 0;
  const call = (operation: string, input: object) =>
    kernel.as('dynamodb', operation, { TableName: 'ledger', ...input });
  const put = (Item: object, more: object = {}) => call('PutItem', { Item, ...more });
  const get = async (Key: object) => (await call('GetItem', { Key })).Item;
  const transact = (...TransactItems: object[]) => kernel.as('dynamodb', 'TransactWriteItems', { TransactItems });
  return { kernel, call, put, get, transact };
}

const action = (kind: string, more: object) => ({ [kind]: { TableName: 'ledger', ...more } });
const IS_NEW = { ConditionExpression: 'attribute_not_exists(pk)' };

describe('items', () => {
  it('round-trip, including binary attributes', async () => {
    const { put, get } = await sandbox();
    const item = {
      ...key('1'),
      raw: { B: new Uint8Array([1, 2, 255]) },
      deep: { M: { set: { BS: [new Uint8Array([7])] }, list: { L: [{ N: '1' }, { NULL: true }] } } },
    };
    await put(item);
    expect(await get(key('1'))).toEqual(item);
  });

  it('are separate in each account and Region', async () => {
    const { kernel, put } = await sandbox();
    await put(key('1'));
    const otherAccount = { ...HOME, account: '444455556666' };
    await expect(
      kernel.as('dynamodb', 'GetItem', { TableName: 'ledger', Key: key('1') }, otherAccount),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await kernel.as('dynamodb', 'CreateTable', LEDGER, otherAccount);
    expect(
      await kernel.as('dynamodb', 'GetItem', { TableName: 'ledger', Key: key('1') }, otherAccount),
    ).not.toHaveProperty('Item');
  });

  it('are returned by query, scan and batch, by table name or ARN', async () => {
    const { kernel, put, call } = await sandbox();
    await put({ ...key('1', 'a'), owner: { S: 'x' } });
    await put({ ...key('1', 'b'), owner: { S: 'y' } });
    const KeyConditionExpression = 'pk = :pk and begins_with(sk, :sk)';
    const byKey = await call('Query', {
      TableName: ARN,
      KeyConditionExpression,
      ExpressionAttributeValues: { ':pk': { S: '1' }, ':sk': { S: 'b' } },
    });
    expect(byKey.Items).toEqual([{ ...key('1', 'b'), owner: { S: 'y' } }]);
    const byOwner = await call('Query', {
      IndexName: 'byOwner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'x' } },
    });
    expect(byOwner.Count).toBe(1);
    const { Responses } = await kernel.as('dynamodb', 'BatchGetItem', {
      RequestItems: { [ARN]: { Keys: [key('1', 'a')] } },
    });
    expect(Object.keys(Responses)).toEqual([ARN]);
    await kernel.as('dynamodb', 'BatchWriteItem', {
      RequestItems: { [ARN]: [{ DeleteRequest: { Key: key('1', 'a') } }] },
    });
    expect((await call('Scan', {})).Items).toEqual([{ ...key('1', 'b'), owner: { S: 'y' } }]);
  });

  it('return the item of a failed condition if the request wants it', async () => {
    const { put } = await sandbox();
    await put({ ...key('1'), owner: { S: 'first' } });
    const failure = { code: 'ConditionalCheckFailedException', message: 'The conditional request failed' };
    await expect(put(key('1'), IS_NEW)).rejects.toMatchObject({ ...failure, fields: {} });
    await expect(put(key('1'), { ...IS_NEW, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })).rejects.toMatchObject({
      ...failure,
      fields: { Item: { ...key('1'), owner: { S: 'first' } } },
    });
  });

  it('return AWS errors for invalid requests', async () => {
    const { call, put } = await sandbox();
    await expect(put({ pk: { S: '1' } })).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'One or more parameter values were invalid: Missing the key sk in the item',
    });
    await expect(call('UpdateItem', { Key: key('1'), UpdateExpression: 'SET' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await expect(
      call('GetItem', { TableName: 'arn:aws:dynamodb:us-east-1:999999999999:table/ledger', Key: key('1') }),
    ).rejects.toMatchObject({ code: 'NotModelled' });
  });
});

describe('answers recorded from AWS', () => {
  it('a put returns the item that it replaces, and the first put none', async () => {
    const { put } = await sandbox();
    const old = { ReturnValues: 'ALL_OLD' };
    expect(await put({ ...key('1'), data: { S: 'x' } }, old)).not.toHaveProperty('Attributes');
    expect((await put({ ...key('1'), data: { S: 'y' } }, old)).Attributes).toEqual({ ...key('1'), data: { S: 'x' } });
    expect(await put(key('1'), { ReturnValues: 'NONE' })).not.toHaveProperty('Attributes');
  });

  it('a batch has an empty list for a table without its keys', async () => {
    const { call } = await sandbox();
    expect(await call('BatchGetItem', { RequestItems: { ledger: { Keys: [key('9')] } } })).toEqual({
      Responses: { ledger: [] },
      UnprocessedKeys: {},
    });
  });

  it.each<[string, string, object, string, string]>([
    ['a table that exists', 'CreateTable', LEDGER, 'ResourceInUseException', 'Table already exists: ledger'],
    [
      'capacity of a table that is paid by request',
      'CreateTable',
      {
        ...LEDGER,
        TableName: 'other',
        BillingMode: 'PAY_PER_REQUEST',
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      },
      'ValidationException',
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    ],
    [
      'a batch with another key',
      'BatchWriteItem',
      { RequestItems: { ledger: [{ PutRequest: { Item: { nope: { S: '1' } } } }] } },
      'ValidationException',
      'The provided key element does not match the schema',
    ],
    [
      'a transaction on a table that does not exist',
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'non-existing-table', Item: {} } }] },
      'ResourceNotFoundException',
      'Requested resource not found',
    ],
  ])('refuses %s', async (_, operation, input, code, message) => {
    const { kernel } = await sandbox();
    const error = await kernel.as('dynamodb', operation, input).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(new RegExp(`${message}$`)) });
  });
});

describe('a transaction', () => {
  it('writes all items if every condition holds', async () => {
    const { put, get, transact } = await sandbox();
    await put({ ...key('lease'), idle: { BOOL: true } });
    await put(key('gone'));
    await transact(
      action('Put', { Item: key('finding'), ...IS_NEW }),
      action('Update', {
        Key: key('count'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
      action('ConditionCheck', {
        Key: key('lease'),
        ConditionExpression: 'idle = :t',
        ExpressionAttributeValues: { ':t': { BOOL: true } },
      }),
      action('Delete', { Key: key('gone') }),
    );
    expect(await get(key('finding'))).toEqual(key('finding'));
    expect(await get(key('count'))).toEqual({ ...key('count'), n: { N: '1' } });
    expect(await get(key('lease'))).toEqual({ ...key('lease'), idle: { BOOL: true } });
    expect(await get(key('gone'))).toBeUndefined();
  });

  it('changes nothing if one condition fails, and returns the reasons', async () => {
    const { put, get, transact } = await sandbox();
    const lease = { ...key('lease'), holder: { S: 'me' } };
    await put(lease);
    await put({ ...key('count'), n: { N: '4' } });
    await put({ ...key('gone'), kept: { S: 'yes' } });
    const transaction = transact(
      action('Put', { Item: key('finding'), ...IS_NEW }),
      action('Update', {
        Key: key('count'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
      action('Delete', { Key: key('gone') }),
      action('Put', { Item: key('lease'), ...IS_NEW, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      action('ConditionCheck', { Key: key('switch'), ConditionExpression: 'attribute_exists(pk)' }),
    );
    const failed = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
    await expect(transaction).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, None, ConditionalCheckFailed, ConditionalCheckFailed]',
      fields: {
        CancellationReasons: [{ Code: 'None' }, { Code: 'None' }, { Code: 'None' }, { ...failed, Item: lease }, failed],
      },
    });
    expect(await get(key('finding'))).toBeUndefined();
    expect(await get(key('count'))).toEqual({ ...key('count'), n: { N: '4' } });
    expect(await get(key('gone'))).toEqual({ ...key('gone'), kept: { S: 'yes' } });
  });

  it('succeeds for exactly one of several racing callers', async () => {
    const { transact, get } = await sandbox();
    const transactions = Array.from({ length: 5 }, (_, holder) =>
      transact(
        action('Put', { Item: { ...key('lease'), holder: { N: String(holder) } }, ...IS_NEW }),
        action('Put', { Item: key(`by-${holder}`) }),
      ),
    );
    const results = await Promise.allSettled(transactions);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected']);
    expect(await get(key('by-1'))).toBeUndefined();
  });

  it('returns a wrong type as a cancellation reason, and an invalid expression as an error of the request', async () => {
    const { put, transact } = await sandbox();
    await put({ ...key('count'), n: { S: 'four' } });
    const add = {
      Key: key('count'),
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    await expect(transact(action('Update', add))).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      fields: { CancellationReasons: [{ Code: 'ValidationError' }] },
    });
    await expect(transact(action('Update', { ...add, UpdateExpression: 'ADD' }))).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('accepts each item once, and at most 100 items', async () => {
    const { transact } = await sandbox();
    const item = { Item: key('1') };
    await expect(transact(action('Put', item), action('Delete', { Key: key('1') }))).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
    const many = Array.from({ length: 101 }, (_, i) => action('Put', { Item: key(String(i)) }));
    await expect(transact(...many)).rejects.toThrow('less than or equal to 100');
    await expect(transact()).rejects.toThrow('greater than or equal to 1');
  });

  it('is idempotent for a token, for ten minutes', async () => {
    const { kernel, get } = await sandbox();
    const count = (by: string) =>
      kernel.as('dynamodb', 'TransactWriteItems', {
        ClientRequestToken: 'token',
        TransactItems: [
          action('Update', {
            Key: key('1'),
            UpdateExpression: 'ADD n :by',
            ExpressionAttributeValues: { ':by': { N: by } },
          }),
        ],
      });
    await count('1');
    await count('1');
    expect((await get(key('1'))).n).toEqual({ N: '1' });
    await expect(count('2')).rejects.toMatchObject({ code: 'IdempotentParameterMismatchException' });
    await kernel.clock.advance(600_000);
    await count('2');
    expect((await get(key('1'))).n).toEqual({ N: '3' });
  });

  it('reads several items', async () => {
    const { kernel, put } = await sandbox();
    await put(key('1'));
    const { Responses } = await kernel.as('dynamodb', 'TransactGetItems', {
      TransactItems: [action('Get', { Key: key('1') }), action('Get', { Key: key('2') })],
    });
    expect(Responses).toEqual([{ Item: key('1') }, {}]);
  });
});

describe('permissions', () => {
  const values = (pk: string) => ({ ExpressionAttributeValues: { ':pk': { S: pk } } });
  it.each<[string, string, object, object[]]>([
    [
      'GetItem: table, key and attributes',
      'GetItem',
      { Key: key('1'), ProjectionExpression: '#d.title, note', ExpressionAttributeNames: { '#d': 'detail' } },
      [
        {
          action: 'dynamodb:GetItem',
          resource: ARN,
          context: { 'dynamodb:LeadingKeys': ['1'], 'dynamodb:Attributes': ['pk', 'sk', 'detail', 'note'] },
        },
      ],
    ],
    [
      'Query: the key in its condition',
      'Query',
      { KeyConditionExpression: 'pk = :pk', ...values('7') },
      [
        {
          action: 'dynamodb:Query',
          resource: ARN,
          context: {
            'dynamodb:LeadingKeys': ['7'],
            'dynamodb:Attributes': ['pk'],
            'dynamodb:Select': 'ALL_ATTRIBUTES',
          },
        },
      ],
    ],
    [
      'Query of an index: its ARN and its key',
      'Query',
      {
        IndexName: 'byOwner',
        KeyConditionExpression: '#o = :pk',
        ExpressionAttributeNames: { '#o': 'owner' },
        ...values('me'),
      },
      [
        {
          action: 'dynamodb:Query',
          resource: `${ARN}/index/byOwner`,
          context: {
            'dynamodb:LeadingKeys': ['me'],
            'dynamodb:Attributes': ['owner'],
            'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES',
          },
        },
      ],
    ],
    [
      'UpdateItem: the attributes of its expressions',
      'UpdateItem',
      {
        Key: key('1'),
        UpdateExpression: 'SET a = if_not_exists(c.f, :v) REMOVE d',
        ConditionExpression: 'attribute_not_exists(pk) AND NOT e = :v',
        ExpressionAttributeValues: { ':v': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      },
      [
        {
          action: 'dynamodb:UpdateItem',
          resource: ARN,
          context: {
            'dynamodb:LeadingKeys': ['1'],
            'dynamodb:Attributes': ['pk', 'sk', 'e', 'a', 'c', 'd'],
            'dynamodb:ReturnValues': 'ALL_NEW',
          },
        },
      ],
    ],
    [
      'BatchWriteItem: its own action, with the keys of all items',
      'BatchWriteItem',
      { RequestItems: { ledger: [{ PutRequest: { Item: key('1') } }, { DeleteRequest: { Key: key('2') } }] } },
      [
        {
          action: 'dynamodb:BatchWriteItem',
          resource: ARN,
          context: { 'dynamodb:LeadingKeys': ['1', '2'], 'dynamodb:Attributes': ['pk', 'sk'] },
        },
      ],
    ],
    [
      'TransactWriteItems: the action of each item',
      'TransactWriteItems',
      {
        TransactItems: [
          action('Put', { Item: key('1') }),
          action('ConditionCheck', { Key: key('2'), ConditionExpression: 'attribute_not_exists(pk)' }),
        ],
      },
      [
        {
          action: 'dynamodb:PutItem',
          resource: ARN,
          context: {
            'dynamodb:LeadingKeys': ['1'],
            'dynamodb:Attributes': ['pk', 'sk'],
            'dynamodb:EnclosingOperation': 'TransactWriteItems',
          },
        },
        {
          action: 'dynamodb:ConditionCheckItem',
          resource: ARN,
          context: {
            'dynamodb:LeadingKeys': ['2'],
            'dynamodb:Attributes': ['pk', 'sk'],
            'dynamodb:EnclosingOperation': 'TransactWriteItems',
          },
        },
      ],
    ],
  ])('%s', async (_name, operation, input, expected) => {
    const { kernel, call } = await sandbox();
    await call(operation, input);
    expect(kernel.needed).toMatchObject(expected);
    expect(kernel.needed).toHaveLength(expected.length);
  });

  it('are required for every action of a transaction', async () => {
    const { kernel, transact, get } = await sandbox();
    kernel.refuses.add('dynamodb:DeleteItem');
    await expect(
      transact(action('Put', { Item: key('1') }), action('Delete', { Key: key('2') })),
    ).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    expect(await get(key('1'))).toBeUndefined();
  });

  it('include the key of an encrypted table', async () => {
    const kernel = smallKernel(dynamodb, kms);
    const KMSMasterKeyId = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata.Arn;
    const { put } = await sandbox({ SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId } }, kernel);
    await put(key('1'));
    expect(kernel.needed).toMatchObject([
      { action: 'dynamodb:PutItem' },
      {
        action: 'kms:Decrypt',
        resource: KMSMasterKeyId,
        context: { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' },
      },
    ]);
  });
});

describe('a table', () => {
  it('returns expired items for a while and deletes them within two days', async () => {
    const { kernel, call, put, get } = await sandbox();
    await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    const seconds = (ms: number) => ({ N: String(Math.floor((kernel.clock.now() + ms) / 1000)) });
    await put({ ...key('short'), expires: seconds(60_000) });
    await put({ ...key('long'), expires: seconds(30 * DAY_MS) });
    await put({ ...key('mistaken'), expires: { N: '12' } });
    await kernel.clock.advance(3_600_000);
    expect(await get(key('short'))).toBeDefined();
    await kernel.clock.advance(2 * DAY_MS);
    expect(await get(key('short'))).toBeUndefined();
    expect(await get(key('long'))).toBeDefined();
    expect(await get(key('mistaken'))).toBeDefined();
  });

  it('cannot be deleted while deletion protection is on', async () => {
    const { call } = await sandbox();
    const protect = (DeletionProtectionEnabled: boolean) => call('UpdateTable', { DeletionProtectionEnabled });
    await protect(true);
    expect((await call('DescribeTable', {})).Table).toMatchObject({ DeletionProtectionEnabled: true });
    await expect(call('DeleteTable', {})).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(call('UpdateTable', {})).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(call('UpdateTable', { BillingMode: 'PROVISIONED' })).rejects.toMatchObject({ code: 'NotModelled' });
    await protect(false);
    await call('DeleteTable', {});
  });

  it('gets one index at a time, which cannot be read until it is filled', async () => {
    const { kernel, call, put } = await sandbox();
    await put({ ...key('1'), colour: { S: 'red' } });
    const byColour = {
      IndexName: 'byColour',
      KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    };
    const AttributeDefinitions = [{ AttributeName: 'colour', AttributeType: 'S' }];
    const update = (...GlobalSecondaryIndexUpdates: object[]) =>
      call('UpdateTable', { AttributeDefinitions, GlobalSecondaryIndexUpdates });
    const red = () =>
      call('Query', {
        IndexName: 'byColour',
        KeyConditionExpression: 'colour = :red',
        ExpressionAttributeValues: { ':red': { S: 'red' } },
      });
    const statusOf = async () =>
      (await call('DescribeTable', {})).Table.GlobalSecondaryIndexes.map((index: any) => index.IndexStatus);
    const another = { Create: { ...byColour, IndexName: 'another' } };
    await expect(update({ Create: byColour }, another)).rejects.toMatchObject({ code: 'LimitExceededException' });
    await expect(update({ Create: byColour })).resolves.toBeDefined();
    expect(await statusOf()).toEqual(['ACTIVE', 'CREATING']);
    await expect(red()).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(update(another)).rejects.toMatchObject({ code: 'LimitExceededException' });
    await put({ ...key('2'), colour: { S: 'red' } });
    await kernel.clock.advance(BACKFILL_MS);
    expect(await statusOf()).toEqual(['ACTIVE', 'ACTIVE']);
    expect((await red()).Items.map(({ pk }: any) => pk.S).sort()).toEqual(['1', '2']);
    await update({ Delete: { IndexName: 'byOwner' } });
    const { Table } = await call('DescribeTable', {});
    expect(Table.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'byColour' }]);
    expect(Table.AttributeDefinitions.map((each: any) => each.AttributeName)).toEqual(['pk', 'sk', 'colour']);
    await put({ ...key('3'), owner: { N: '7' } });
  });

  it('has tags', async () => {
    const { kernel } = await sandbox({ Tags: [{ Key: 'owner', Value: 'me' }] });
    const tags = async () => (await kernel.as('dynamodb', 'ListTagsOfResource', { ResourceArn: ARN })).Tags;
    await kernel.as('dynamodb', 'TagResource', { ResourceArn: ARN, Tags: [{ Key: 'stage', Value: 'test' }] });
    expect(kernel.needed.at(-1)).toMatchObject({
      action: 'dynamodb:TagResource',
      resource: ARN,
      context: { 'aws:RequestTag/stage': 'test', 'aws:TagKeys': ['stage'] },
    });
    await kernel.as('dynamodb', 'UntagResource', { ResourceArn: ARN, TagKeys: ['owner'] });
    expect(await tags()).toEqual([{ Key: 'stage', Value: 'test' }]);
  });

  it('describes time to live and point-in-time recovery', async () => {
    const { call } = await sandbox();
    expect(await call('DescribeTimeToLive', {})).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    expect(await call('DescribeTimeToLive', {})).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
    const recovery = async () =>
      (await call('DescribeContinuousBackups', {})).ContinuousBackupsDescription.PointInTimeRecoveryDescription;
    expect(await recovery()).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' });
    await call('UpdateContinuousBackups', { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
    expect(await recovery()).toMatchObject({ PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 });
  });

  it('is described, listed, and deleted unless it is protected', async () => {
    const { kernel, call } = await sandbox({ DeletionProtectionEnabled: true });
    expect((await call('DescribeTable', {})).Table).toMatchObject({
      TableArn: ARN,
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date(kernel.clock.now()),
      DeletionProtectionEnabled: true,
      GlobalSecondaryIndexes: [{ IndexArn: `${ARN}/index/byOwner`, IndexStatus: 'ACTIVE' }],
    });
    await expect(call('DeleteTable', {})).rejects.toThrow('protected against deletion');
    await kernel.as('dynamodb', 'CreateTable', { ...LEDGER, TableName: 'other' });
    await kernel.as('dynamodb', 'DeleteTable', { TableName: 'other' });
    expect(await kernel.as('dynamodb', 'ListTables', {})).toEqual({ TableNames: ['ledger'] });
  });

  it('cannot have a stream without a kind of images', async () => {
    await expect(sandbox({ StreamSpecification: { StreamEnabled: true } })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});

describe('a table in a template', () => {
  const { TableName: _, ...properties } = LEDGER;
  const deploy = (kernel: ReturnType<typeof smallKernel>, Type: string, more: object) =>
    deployTemplate(kernel, HOME, 'app', { Resources: { Ledger: { Type, Properties: { ...properties, ...more } } } });

  it('has time to live, point-in-time recovery and encryption', async () => {
    const kernel = smallKernel(dynamodb, kms);
    const { Arn, KeyId } = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata;
    await kernel.as('kms', 'CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId });
    const stack = await deploy(kernel, 'AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: 'alias/ledger' },
    });
    const { ref, attributes } = stack.resources.get('Ledger')!.created;
    expect(attributes!.Arn).toBe(`arn:aws:dynamodb:us-east-1:111122223333:table/${ref}`);
    const table = kernel.state(DYNAMODB, HOME).tables.get(ref)!;
    expect(table).toMatchObject({ timeToLive: { attribute: 'expires' }, recoveryDays: 35 });
    expect(table.description.SSEDescription?.KMSMasterKeyArn).toBe(Arn);
    expect(kernel.needed.map(({ action }) => action)).toContain('kms:CreateGrant');
  });

  it('changes deletion protection in place, not its keys', async () => {
    const kernel = smallKernel(dynamodb);
    const stack = await deploy(kernel, 'AWS::DynamoDB::Table', {});
    await deploy(kernel, 'AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
    const table = kernel.state(DYNAMODB, HOME).tables.get(stack.resources.get('Ledger')!.created.ref);
    expect(table?.deletionProtection).toBe(true);
    const otherKeys = { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] };
    await expect(deploy(kernel, 'AWS::DynamoDB::Table', otherKeys)).rejects.toMatchObject({ code: 'NotModelled' });
  });

  it('can be a global table with one replica', async () => {
    const kernel = smallKernel(dynamodb);
    const replica = { Region: { Ref: 'AWS::Region' }, DeletionProtectionEnabled: true };
    const stack = await deploy(kernel, 'AWS::DynamoDB::GlobalTable', { Replicas: [replica] });
    expect(
      kernel.state(DYNAMODB, HOME).tables.get(stack.resources.get('Ledger')!.created.ref)?.deletionProtection,
    ).toBe(true);
    const two = { Replicas: [replica, { Region: 'eu-west-1' }] };
    await expect(deploy(smallKernel(dynamodb), 'AWS::DynamoDB::GlobalTable', two)).rejects.toThrow(
      'more than one replica',
    );
  });

  it('cannot have an unknown property', async () => {
    await expect(deploy(smallKernel(dynamodb), 'AWS::DynamoDB::Table', { StreamSpecification: {} })).rejects.toThrow(
      /Ledger.*StreamSpecification/,
    );
  });
});

describe('a constraint of a member', () => {
  const NAME = 'failed to satisfy constraint: Member must';
  it.each([
    ['DescribeTable', { TableName: 'ab' }, `Value 'ab' at 'tableName' ${NAME} have length greater than or equal to 3`],
    ['DeleteTable', { TableName: 'a b' }, `Value 'a b' at 'tableName' ${NAME} satisfy regular expression pattern`],
    ['DescribeTimeToLive', { TableName: '' }, "2 validation errors detected: Value '' at 'tableName'"],
    ['ListTables', { Limit: 0 }, `Value '0' at 'limit' ${NAME} have value greater than or equal to 1`],
    ['ListTables', { Limit: 101 }, `Value '101' at 'limit' ${NAME} have value less than or equal to 100`],
    [
      'PutItem',
      { Item: key('1'), ReturnValuesOnConditionCheckFailure: 'SOME' },
      `Value 'SOME' at 'returnValuesOnConditionCheckFailure' ${NAME} satisfy enum value set: [ALL_OLD, NONE]`,
    ],
    [
      'UpdateTimeToLive',
      { TimeToLiveSpecification: { Enabled: true, AttributeName: '' } },
      `Value '' at 'timeToLiveSpecification.attributeName' ${NAME} have length greater than or equal to 1`,
    ],
    [
      'UpdateContinuousBackups',
      { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 36 } },
      `'pointInTimeRecoverySpecification.recoveryPeriodInDays' ${NAME} have value less than or equal to 35`,
    ],
    ['TransactWriteItems', { TransactItems: undefined }, `Value null at 'transactItems' ${NAME} not be null`],
    [
      'TransactGetItems',
      { TransactItems: [] },
      `Value at 'transactItems' ${NAME} have length greater than or equal to 1`,
    ],
    [
      'TransactWriteItems',
      { TransactItems: [{ Delete: { TableName: 'ledger', Key: key('1') } }], ClientRequestToken: 'x'.repeat(37) },
      `at 'clientRequestToken' ${NAME} have length less than or equal to 36`,
    ],
    [
      'TransactWriteItems',
      { TransactItems: [{ Delete: { TableName: 'ab', Key: key('1') } }] },
      `Value 'ab' at 'transactItems.1.member.delete.tableName' ${NAME} have length`,
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [{ Put: { TableName: 'ledger', Item: key('1'), ReturnValuesOnConditionCheckFailure: 'SOME' } }],
      },
      `Value 'SOME' at 'transactItems.1.member.put.returnValuesOnConditionCheckFailure' ${NAME} satisfy enum`,
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'a b', Key: key('1') } }] },
      `Value 'a b' at 'transactItems.1.member.get.tableName' ${NAME} satisfy regular expression`,
    ],
  ])('%s names what %j breaks', async (operation, input, message) => {
    const { call } = await sandbox();
    const error = await call(operation, input).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'ValidationException' });
    expect(error.message).toMatch(/^\d validation errors? detected: /);
    expect(error.message).toContain(message);
  });

  it('does not hide a table that is missing', async () => {
    const { call } = await sandbox();
    await expect(call('DescribeTable', { TableName: 'other' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});
