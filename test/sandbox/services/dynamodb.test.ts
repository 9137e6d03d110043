import { describe, expect, it } from 'vitest';
import { IS_NEW, LEDGER_TABLE_ARN, TEST_TABLE, tableKey, tableSandbox } from '../support/dynamodb-ledger.ts';
import { HOME } from '../support/small-kernel.ts';

describe('items', () => {
  it('round-trip, including binary attributes', async () => {
    const { put, get } = await tableSandbox();
    const item = {
      ...tableKey('1'),
      raw: { B: new Uint8Array([1, 2, 255]) },
      deep: { M: { set: { BS: [new Uint8Array([7])] }, list: { L: [{ N: '1' }, { NULL: true }] } } },
    };
    await put(item);
    expect(await get(tableKey('1'))).toEqual(item);
  });

  it('are separate in each account and Region', async () => {
    const { kernel, put } = await tableSandbox();
    await put(tableKey('1'));
    const otherAccount = { ...HOME, account: '444455556666' };
    await expect(
      kernel.as('dynamodb', 'GetItem', { TableName: 'ledger', Key: tableKey('1') }, otherAccount),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await kernel.as('dynamodb', 'CreateTable', TEST_TABLE, otherAccount);
    expect(
      await kernel.as('dynamodb', 'GetItem', { TableName: 'ledger', Key: tableKey('1') }, otherAccount),
    ).not.toHaveProperty('Item');
  });

  it('are returned by query, scan and batch, by table name or ARN', async () => {
    const { kernel, put, call } = await tableSandbox();
    await put({ ...tableKey('1', 'a'), owner: { S: 'x' } });
    await put({ ...tableKey('1', 'b'), owner: { S: 'y' } });
    const KeyConditionExpression = 'pk = :pk and begins_with(sk, :sk)';
    const byKey = await call('Query', {
      TableName: LEDGER_TABLE_ARN,
      KeyConditionExpression,
      ExpressionAttributeValues: { ':pk': { S: '1' }, ':sk': { S: 'b' } },
    });
    expect(byKey.Items).toEqual([{ ...tableKey('1', 'b'), owner: { S: 'y' } }]);
    const byOwner = await call('Query', {
      IndexName: 'byOwner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'x' } },
    });
    expect(byOwner.Count).toBe(1);
    const { Responses } = await kernel.as('dynamodb', 'BatchGetItem', {
      RequestItems: { [LEDGER_TABLE_ARN]: { Keys: [tableKey('1', 'a')] } },
    });
    expect(Object.keys(Responses)).toEqual([LEDGER_TABLE_ARN]);
    await kernel.as('dynamodb', 'BatchWriteItem', {
      RequestItems: { [LEDGER_TABLE_ARN]: [{ DeleteRequest: { Key: tableKey('1', 'a') } }] },
    });
    expect((await call('Scan', {})).Items).toEqual([{ ...tableKey('1', 'b'), owner: { S: 'y' } }]);
  });

  it('return the item of a failed condition if the request wants it', async () => {
    const { put } = await tableSandbox();
    await put({ ...tableKey('1'), owner: { S: 'first' } });
    const failure = { code: 'ConditionalCheckFailedException', message: 'The conditional request failed' };
    await expect(put(tableKey('1'), IS_NEW)).rejects.toMatchObject({ ...failure, fields: {} });
    await expect(
      put(tableKey('1'), { ...IS_NEW, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ).rejects.toMatchObject({
      ...failure,
      fields: { Item: { ...tableKey('1'), owner: { S: 'first' } } },
    });
  });

  it('return AWS errors for invalid requests', async () => {
    const { call, put } = await tableSandbox();
    await expect(put({ pk: { S: '1' } })).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'One or more parameter values were invalid: Missing the key sk in the item',
    });
    await expect(call('UpdateItem', { Key: tableKey('1'), UpdateExpression: 'SET' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await expect(
      call('GetItem', { TableName: 'arn:aws:dynamodb:us-east-1:999999999999:table/ledger', Key: tableKey('1') }),
    ).rejects.toMatchObject({ code: 'NotModelled' });
  });
});

describe('answers recorded from AWS', () => {
  it('a put returns the item that it replaces, and the first put none', async () => {
    const { put } = await tableSandbox();
    const old = { ReturnValues: 'ALL_OLD' };
    expect(await put({ ...tableKey('1'), data: { S: 'x' } }, old)).not.toHaveProperty('Attributes');
    expect((await put({ ...tableKey('1'), data: { S: 'y' } }, old)).Attributes).toEqual({
      ...tableKey('1'),
      data: { S: 'x' },
    });
    expect(await put(tableKey('1'), { ReturnValues: 'NONE' })).not.toHaveProperty('Attributes');
  });

  it('a batch has an empty list for a table without its keys', async () => {
    const { call } = await tableSandbox();
    expect(await call('BatchGetItem', { RequestItems: { ledger: { Keys: [tableKey('9')] } } })).toEqual({
      Responses: { ledger: [] },
      UnprocessedKeys: {},
    });
  });

  it.each<[string, string, object, string, string]>([
    ['a table that exists', 'CreateTable', TEST_TABLE, 'ResourceInUseException', 'Table already exists: ledger'],
    [
      'capacity of a table that is paid by request',
      'CreateTable',
      {
        ...TEST_TABLE,
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
    const { kernel } = await tableSandbox();
    const error = await kernel.as('dynamodb', operation, input).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(new RegExp(`${message}$`)) });
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
      { Item: tableKey('1'), ReturnValuesOnConditionCheckFailure: 'SOME' },
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
      { TransactItems: [{ Delete: { TableName: 'ledger', Key: tableKey('1') } }], ClientRequestToken: 'x'.repeat(37) },
      `at 'clientRequestToken' ${NAME} have length less than or equal to 36`,
    ],
    [
      'TransactWriteItems',
      { TransactItems: [{ Delete: { TableName: 'ab', Key: tableKey('1') } }] },
      `Value 'ab' at 'transactItems.1.member.delete.tableName' ${NAME} have length`,
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'ledger', Item: tableKey('1'), ReturnValuesOnConditionCheckFailure: 'SOME' } },
        ],
      },
      `Value 'SOME' at 'transactItems.1.member.put.returnValuesOnConditionCheckFailure' ${NAME} satisfy enum`,
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'a b', Key: tableKey('1') } }] },
      `Value 'a b' at 'transactItems.1.member.get.tableName' ${NAME} satisfy regular expression`,
    ],
  ])('%s names what %j breaks', async (operation, input, message) => {
    const { call } = await tableSandbox();
    const error = await call(operation, input).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'ValidationException' });
    expect(error.message).toMatch(/^\d validation errors? detected: /);
    expect(error.message).toContain(message);
  });

  it('does not hide a table that is missing', async () => {
    const { call } = await tableSandbox();
    await expect(call('DescribeTable', { TableName: 'other' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});
