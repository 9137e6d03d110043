import { describe, expect, it } from 'vitest';
import { IS_NEW, tableKey, tableSandbox, transactItem } from '../support/dynamodb-ledger.ts';

describe('a transaction', () => {
  it('writes all items if every condition holds', async () => {
    const { put, get, transact } = await tableSandbox();
    await put({ ...tableKey('lease'), idle: { BOOL: true } });
    await put(tableKey('gone'));
    await transact(
      transactItem('Put', { Item: tableKey('finding'), ...IS_NEW }),
      transactItem('Update', {
        Key: tableKey('count'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
      transactItem('ConditionCheck', {
        Key: tableKey('lease'),
        ConditionExpression: 'idle = :t',
        ExpressionAttributeValues: { ':t': { BOOL: true } },
      }),
      transactItem('Delete', { Key: tableKey('gone') }),
    );
    expect(await get(tableKey('finding'))).toEqual(tableKey('finding'));
    expect(await get(tableKey('count'))).toEqual({ ...tableKey('count'), n: { N: '1' } });
    expect(await get(tableKey('lease'))).toEqual({ ...tableKey('lease'), idle: { BOOL: true } });
    expect(await get(tableKey('gone'))).toBeUndefined();
  });

  it('changes nothing if one condition fails, and returns the reasons', async () => {
    const { put, get, transact } = await tableSandbox();
    const lease = { ...tableKey('lease'), holder: { S: 'me' } };
    await put(lease);
    await put({ ...tableKey('count'), n: { N: '4' } });
    await put({ ...tableKey('gone'), kept: { S: 'yes' } });
    const transaction = transact(
      transactItem('Put', { Item: tableKey('finding'), ...IS_NEW }),
      transactItem('Update', {
        Key: tableKey('count'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
      transactItem('Delete', { Key: tableKey('gone') }),
      transactItem('Put', { Item: tableKey('lease'), ...IS_NEW, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      transactItem('ConditionCheck', { Key: tableKey('switch'), ConditionExpression: 'attribute_exists(pk)' }),
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
    expect(await get(tableKey('finding'))).toBeUndefined();
    expect(await get(tableKey('count'))).toEqual({ ...tableKey('count'), n: { N: '4' } });
    expect(await get(tableKey('gone'))).toEqual({ ...tableKey('gone'), kept: { S: 'yes' } });
  });

  it('succeeds for exactly one of several racing callers', async () => {
    const { transact, get } = await tableSandbox();
    const transactions = Array.from({ length: 5 }, (_, holder) =>
      transact(
        transactItem('Put', { Item: { ...tableKey('lease'), holder: { N: String(holder) } }, ...IS_NEW }),
        transactItem('Put', { Item: tableKey(`by-${holder}`) }),
      ),
    );
    const results = await Promise.allSettled(transactions);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected']);
    expect(await get(tableKey('by-1'))).toBeUndefined();
  });

  it('returns a wrong type as a cancellation reason, and an invalid expression as an error of the request', async () => {
    const { put, transact } = await tableSandbox();
    await put({ ...tableKey('count'), n: { S: 'four' } });
    const add = {
      Key: tableKey('count'),
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    await expect(transact(transactItem('Update', add))).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      fields: { CancellationReasons: [{ Code: 'ValidationError' }] },
    });
    await expect(transact(transactItem('Update', { ...add, UpdateExpression: 'ADD' }))).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('accepts each item once, and at most 100 items', async () => {
    const { transact } = await tableSandbox();
    const item = { Item: tableKey('1') };
    await expect(
      transact(transactItem('Put', item), transactItem('Delete', { Key: tableKey('1') })),
    ).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
    const many = Array.from({ length: 101 }, (_, i) => transactItem('Put', { Item: tableKey(String(i)) }));
    await expect(transact(...many)).rejects.toThrow('less than or equal to 100');
    await expect(transact()).rejects.toThrow('greater than or equal to 1');
  });

  it('is idempotent for a token, for ten minutes', async () => {
    const { kernel, get } = await tableSandbox();
    const count = (by: string) =>
      kernel.as('dynamodb', 'TransactWriteItems', {
        ClientRequestToken: 'token',
        TransactItems: [
          transactItem('Update', {
            Key: tableKey('1'),
            UpdateExpression: 'ADD n :by',
            ExpressionAttributeValues: { ':by': { N: by } },
          }),
        ],
      });
    await count('1');
    await count('1');
    expect((await get(tableKey('1'))).n).toEqual({ N: '1' });
    await expect(count('2')).rejects.toMatchObject({ code: 'IdempotentParameterMismatchException' });
    await kernel.clock.advance(600_000);
    await count('2');
    expect((await get(tableKey('1'))).n).toEqual({ N: '3' });
  });

  it('reads several items', async () => {
    const { kernel, put } = await tableSandbox();
    await put(tableKey('1'));
    const { Responses } = await kernel.as('dynamodb', 'TransactGetItems', {
      TransactItems: [transactItem('Get', { Key: tableKey('1') }), transactItem('Get', { Key: tableKey('2') })],
    });
    expect(Responses).toEqual([{ Item: tableKey('1') }, {}]);
  });
});
