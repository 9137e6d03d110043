import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { home, smallKernel } from '../support/small-kernel.ts';

const day = 86_400_000;
const arn = 'arn:aws:dynamodb:us-east-1:111122223333:table/ledger';

const ledger = {
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
  await kernel.as('dynamodb', 'CreateTable', { ...ledger, ...table });
  kernel.needed.length = 0;
  const call = (operation: string, input: object) =>
    kernel.as('dynamodb', operation, { TableName: 'ledger', ...input });
  const put = (Item: object, more: object = {}) => call('PutItem', { Item, ...more });
  const get = async (Key: object) => (await call('GetItem', { Key })).Item;
  const transact = (...TransactItems: object[]) => kernel.as('dynamodb', 'TransactWriteItems', { TransactItems });
  return { kernel, call, put, get, transact };
}

const of = (kind: string, more: object) => ({ [kind]: { TableName: 'ledger', ...more } });
const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };

describe('items', () => {
  it('come back as they were put, binary too', async () => {
    const { put, get } = await sandbox();
    const item = {
      ...key('1'),
      raw: { B: new Uint8Array([1, 2, 255]) },
      deep: { M: { set: { BS: [new Uint8Array([7])] }, list: { L: [{ N: '1' }, { NULL: true }] } } },
    };
    await put(item);
    expect(await get(key('1'))).toEqual(item);
  });

  it('are apart in each account and Region', async () => {
    const { kernel, put } = await sandbox();
    await put(key('1'));
    const elsewhere = { ...home, account: '444455556666' };
    await expect(
      kernel.as('dynamodb', 'GetItem', { TableName: 'ledger', Key: key('1') }, elsewhere),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await kernel.as('dynamodb', 'CreateTable', ledger, elsewhere);
    expect(
      await kernel.as('dynamodb', 'GetItem', { TableName: 'ledger', Key: key('1') }, elsewhere),
    ).not.toHaveProperty('Item');
  });

  it('are found by query, scan and batch, by name or ARN', async () => {
    const { kernel, put, call } = await sandbox();
    await put({ ...key('1', 'a'), owner: { S: 'x' } });
    await put({ ...key('1', 'b'), owner: { S: 'y' } });
    const KeyConditionExpression = 'pk = :pk and begins_with(sk, :sk)';
    const found = await call('Query', {
      TableName: arn,
      KeyConditionExpression,
      ExpressionAttributeValues: { ':pk': { S: '1' }, ':sk': { S: 'b' } },
    });
    expect(found.Items).toEqual([{ ...key('1', 'b'), owner: { S: 'y' } }]);
    const byOwner = await call('Query', {
      IndexName: 'byOwner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'x' } },
    });
    expect(byOwner.Count).toBe(1);
    const { Responses } = await kernel.as('dynamodb', 'BatchGetItem', {
      RequestItems: { [arn]: { Keys: [key('1', 'a')] } },
    });
    expect(Object.keys(Responses)).toEqual([arn]);
    await kernel.as('dynamodb', 'BatchWriteItem', {
      RequestItems: { [arn]: [{ DeleteRequest: { Key: key('1', 'a') } }] },
    });
    expect((await call('Scan', {})).Items).toEqual([{ ...key('1', 'b'), owner: { S: 'y' } }]);
  });

  it('refuse a write whose condition fails, with the item where it was asked for', async () => {
    const { put } = await sandbox();
    await put({ ...key('1'), owner: { S: 'first' } });
    const refused = { code: 'ConditionalCheckFailedException', message: 'The conditional request failed' };
    await expect(put(key('1'), isNew)).rejects.toMatchObject({ ...refused, fields: {} });
    await expect(put(key('1'), { ...isNew, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })).rejects.toMatchObject({
      ...refused,
      fields: { Item: { ...key('1'), owner: { S: 'first' } } },
    });
  });

  it('answer AWS errors for what is wrong', async () => {
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
  it('writes everything where every condition holds', async () => {
    const { put, get, transact } = await sandbox();
    await put({ ...key('lease'), idle: { BOOL: true } });
    await put(key('gone'));
    await transact(
      of('Put', { Item: key('finding'), ...isNew }),
      of('Update', {
        Key: key('count'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
      of('ConditionCheck', {
        Key: key('lease'),
        ConditionExpression: 'idle = :t',
        ExpressionAttributeValues: { ':t': { BOOL: true } },
      }),
      of('Delete', { Key: key('gone') }),
    );
    expect(await get(key('finding'))).toEqual(key('finding'));
    expect(await get(key('count'))).toEqual({ ...key('count'), n: { N: '1' } });
    expect(await get(key('lease'))).toEqual({ ...key('lease'), idle: { BOOL: true } });
    expect(await get(key('gone'))).toBeUndefined();
  });

  it('leaves everything as it was where one refuses, and says which and why', async () => {
    const { put, get, transact } = await sandbox();
    const taken = { ...key('lease'), holder: { S: 'me' } };
    await put(taken);
    await put({ ...key('count'), n: { N: '4' } });
    await put({ ...key('gone'), kept: { S: 'yes' } });
    const refused = transact(
      of('Put', { Item: key('finding'), ...isNew }),
      of('Update', {
        Key: key('count'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
      of('Delete', { Key: key('gone') }),
      of('Put', { Item: key('lease'), ...isNew, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      of('ConditionCheck', { Key: key('switch'), ConditionExpression: 'attribute_exists(pk)' }),
    );
    const failed = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
    await expect(refused).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, None, ConditionalCheckFailed, ConditionalCheckFailed]',
      fields: {
        CancellationReasons: [{ Code: 'None' }, { Code: 'None' }, { Code: 'None' }, { ...failed, Item: taken }, failed],
      },
    });
    expect(await get(key('finding'))).toBeUndefined();
    expect(await get(key('count'))).toEqual({ ...key('count'), n: { N: '4' } });
    expect(await get(key('gone'))).toEqual({ ...key('gone'), kept: { S: 'yes' } });
  });

  it('is one for all who race for a lease', async () => {
    const { transact, get } = await sandbox();
    const takes = Array.from({ length: 5 }, (_, holder) =>
      transact(
        of('Put', { Item: { ...key('lease'), holder: { N: String(holder) } }, ...isNew }),
        of('Put', { Item: key(`by-${holder}`) }),
      ),
    );
    const ended = await Promise.allSettled(takes);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected']);
    expect(await get(key('by-1'))).toBeUndefined();
  });

  it('gives a type that does not fit as a reason, and a bad expression as an error of the request', async () => {
    const { put, transact } = await sandbox();
    await put({ ...key('count'), n: { S: 'four' } });
    const add = {
      Key: key('count'),
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    await expect(transact(of('Update', add))).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      fields: { CancellationReasons: [{ Code: 'ValidationError' }] },
    });
    await expect(transact(of('Update', { ...add, UpdateExpression: 'ADD' }))).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('takes an item once, and at most 100 of them', async () => {
    const { transact } = await sandbox();
    const item = { Item: key('1') };
    await expect(transact(of('Put', item), of('Delete', { Key: key('1') }))).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
    const many = Array.from({ length: 101 }, (_, i) => of('Put', { Item: key(String(i)) }));
    await expect(transact(...many)).rejects.toThrow('less than or equal to 100');
    await expect(transact()).rejects.toThrow('greater than or equal to 1');
  });

  it('is done once for a token, for ten minutes', async () => {
    const { kernel, get } = await sandbox();
    const count = (by: string) =>
      kernel.as('dynamodb', 'TransactWriteItems', {
        ClientRequestToken: 'token',
        TransactItems: [
          of('Update', {
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

  it('reads several items at one moment', async () => {
    const { kernel, put } = await sandbox();
    await put(key('1'));
    const { Responses } = await kernel.as('dynamodb', 'TransactGetItems', {
      TransactItems: [of('Get', { Key: key('1') }), of('Get', { Key: key('2') })],
    });
    expect(Responses).toEqual([{ Item: key('1') }, {}]);
  });
});

describe('what a caller needs', () => {
  const values = (pk: string) => ({ ExpressionAttributeValues: { ':pk': { S: pk } } });
  it.each<[string, string, object, object[]]>([
    [
      'GetItem: table, key and attributes',
      'GetItem',
      { Key: key('1'), ProjectionExpression: '#d.title, note', ExpressionAttributeNames: { '#d': 'detail' } },
      [
        {
          action: 'dynamodb:GetItem',
          resource: arn,
          context: { 'dynamodb:LeadingKeys': ['1'], 'dynamodb:Attributes': ['pk', 'sk', 'detail', 'note'] },
        },
      ],
    ],
    [
      'Query: the key that its condition names',
      'Query',
      { KeyConditionExpression: 'pk = :pk', ...values('7') },
      [
        {
          action: 'dynamodb:Query',
          resource: arn,
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
          resource: `${arn}/index/byOwner`,
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
          resource: arn,
          context: {
            'dynamodb:LeadingKeys': ['1'],
            'dynamodb:Attributes': ['pk', 'sk', 'e', 'a', 'c', 'd'],
            'dynamodb:ReturnValues': 'ALL_NEW',
          },
        },
      ],
    ],
    [
      'BatchWriteItem: itself, with the keys of all its items',
      'BatchWriteItem',
      { RequestItems: { ledger: [{ PutRequest: { Item: key('1') } }, { DeleteRequest: { Key: key('2') } }] } },
      [
        {
          action: 'dynamodb:BatchWriteItem',
          resource: arn,
          context: { 'dynamodb:LeadingKeys': ['1', '2'], 'dynamodb:Attributes': ['pk', 'sk'] },
        },
      ],
    ],
    [
      'TransactWriteItems: the action of each item',
      'TransactWriteItems',
      {
        TransactItems: [
          of('Put', { Item: key('1') }),
          of('ConditionCheck', { Key: key('2'), ConditionExpression: 'attribute_not_exists(pk)' }),
        ],
      },
      [
        {
          action: 'dynamodb:PutItem',
          resource: arn,
          context: {
            'dynamodb:LeadingKeys': ['1'],
            'dynamodb:Attributes': ['pk', 'sk'],
            'dynamodb:EnclosingOperation': 'TransactWriteItems',
          },
        },
        {
          action: 'dynamodb:ConditionCheckItem',
          resource: arn,
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

  it('writes nothing for a caller who lacks one of a transaction', async () => {
    const { kernel, transact, get } = await sandbox();
    kernel.refuses.add('dynamodb:DeleteItem');
    await expect(transact(of('Put', { Item: key('1') }), of('Delete', { Key: key('2') }))).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    expect(await get(key('1'))).toBeUndefined();
  });

  it('includes the key of an encrypted table', async () => {
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
  it('shows expired items for a while and deletes them within two days', async () => {
    const { kernel, call, put, get } = await sandbox();
    await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    const seconds = (ms: number) => ({ N: String(Math.floor((kernel.clock.now() + ms) / 1000)) });
    await put({ ...key('short'), expires: seconds(60_000) });
    await put({ ...key('long'), expires: seconds(30 * day) });
    await put({ ...key('mistaken'), expires: { N: '12' } });
    await kernel.clock.advance(3_600_000);
    expect(await get(key('short'))).toBeDefined();
    await kernel.clock.advance(2 * day);
    expect(await get(key('short'))).toBeUndefined();
    expect(await get(key('long'))).toBeDefined();
    expect(await get(key('mistaken'))).toBeDefined();
  });

  it('tells expiry and recovery', async () => {
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

  it('is described with ARNs of its account and the time of the clock, listed, and deleted unless protected', async () => {
    const { kernel, call } = await sandbox({ DeletionProtectionEnabled: true });
    expect((await call('DescribeTable', {})).Table).toMatchObject({
      TableArn: arn,
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date(kernel.clock.now()),
      DeletionProtectionEnabled: true,
      GlobalSecondaryIndexes: [{ IndexArn: `${arn}/index/byOwner`, IndexStatus: 'ACTIVE' }],
    });
    await expect(call('DeleteTable', {})).rejects.toThrow('protected against deletion');
    await kernel.as('dynamodb', 'CreateTable', { ...ledger, TableName: 'other' });
    await kernel.as('dynamodb', 'DeleteTable', { TableName: 'other' });
    expect(await kernel.as('dynamodb', 'ListTables', {})).toEqual({ TableNames: ['ledger'] });
  });

  it('is refused with a stream, which is not modelled', async () => {
    await expect(sandbox({ StreamSpecification: { StreamEnabled: true } })).rejects.toMatchObject({
      code: 'NotModelled',
    });
  });
});

describe('in a template, a table', () => {
  const { TableName: _, ...properties } = ledger;
  const deploy = (kernel: ReturnType<typeof smallKernel>, Type: string, more: object) =>
    deployTemplate(kernel, home, 'app', { Resources: { Ledger: { Type, Properties: { ...properties, ...more } } } });

  it('is made with expiry, recovery and encryption', async () => {
    const kernel = smallKernel(dynamodb, kms);
    const { Arn, KeyId } = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata;
    await kernel.as('kms', 'CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId });
    const stack = await deploy(kernel, 'AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: 'alias/ledger' },
    });
    const { ref, attributes } = stack.resources.get('Ledger')!.made;
    expect(attributes!.Arn).toBe(`arn:aws:dynamodb:us-east-1:111122223333:table/${ref}`);
    const table = kernel.state(dynamodb, home).tables.get(ref)!;
    expect(table).toMatchObject({ timeToLive: { attribute: 'expires' }, recoveryDays: 35 });
    expect(table.description.SSEDescription?.KMSMasterKeyArn).toBe(Arn);
    expect(kernel.needed.map(({ action }) => action)).toContain('kms:CreateGrant');
  });

  it('changes expiry and protection in place, not its keys', async () => {
    const kernel = smallKernel(dynamodb);
    const stack = await deploy(kernel, 'AWS::DynamoDB::Table', {});
    await deploy(kernel, 'AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
    const table = kernel.state(dynamodb, home).tables.get(stack.resources.get('Ledger')!.made.ref);
    expect(table?.deletionProtection).toBe(true);
    const otherKeys = { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] };
    await expect(deploy(kernel, 'AWS::DynamoDB::Table', otherKeys)).rejects.toMatchObject({ code: 'NotModelled' });
  });

  it('is made from a global table with one replica', async () => {
    const kernel = smallKernel(dynamodb);
    const replica = { Region: { Ref: 'AWS::Region' }, DeletionProtectionEnabled: true };
    const stack = await deploy(kernel, 'AWS::DynamoDB::GlobalTable', { Replicas: [replica] });
    expect(kernel.state(dynamodb, home).tables.get(stack.resources.get('Ledger')!.made.ref)?.deletionProtection).toBe(
      true,
    );
    const two = { Replicas: [replica, { Region: 'eu-west-1' }] };
    await expect(deploy(smallKernel(dynamodb), 'AWS::DynamoDB::GlobalTable', two)).rejects.toThrow(
      'more than one replica',
    );
  });

  it('is refused with a property that is not known', async () => {
    await expect(deploy(smallKernel(dynamodb), 'AWS::DynamoDB::Table', { StreamSpecification: {} })).rejects.toThrow(
      /Ledger.*StreamSpecification/,
    );
  });
});
