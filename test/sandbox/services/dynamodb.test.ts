import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
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

  it('is protected from deletion while it says so', async () => {
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
