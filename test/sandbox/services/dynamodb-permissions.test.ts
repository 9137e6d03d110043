import { describe, expect, it } from 'vitest';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { LEDGER_TABLE_ARN, tableKey, tableSandbox, transactItem } from '../support/dynamodb-ledger.ts';
import { smallKernel } from '../support/small-kernel.ts';

describe('permissions', () => {
  const values = (pk: string) => ({ ExpressionAttributeValues: { ':pk': { S: pk } } });
  it.each<[string, string, object, object[]]>([
    [
      'GetItem: table, key and attributes',
      'GetItem',
      { Key: tableKey('1'), ProjectionExpression: '#d.title, note', ExpressionAttributeNames: { '#d': 'detail' } },
      [
        {
          action: 'dynamodb:GetItem',
          resource: LEDGER_TABLE_ARN,
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
          resource: LEDGER_TABLE_ARN,
          context: {
            'dynamodb:LeadingKeys': ['7'],
            'dynamodb:Attributes': ['pk'],
            'dynamodb:Select': 'ALL_ATTRIBUTES',
          },
        },
      ],
    ],
    [
      'Query of an index: its LEDGER_TABLE_ARN and its key',
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
          resource: `${LEDGER_TABLE_ARN}/index/byOwner`,
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
        Key: tableKey('1'),
        UpdateExpression: 'SET a = if_not_exists(c.f, :v) REMOVE d',
        ConditionExpression: 'attribute_not_exists(pk) AND NOT e = :v',
        ExpressionAttributeValues: { ':v': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      },
      [
        {
          action: 'dynamodb:UpdateItem',
          resource: LEDGER_TABLE_ARN,
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
      {
        RequestItems: { ledger: [{ PutRequest: { Item: tableKey('1') } }, { DeleteRequest: { Key: tableKey('2') } }] },
      },
      [
        {
          action: 'dynamodb:BatchWriteItem',
          resource: LEDGER_TABLE_ARN,
          context: { 'dynamodb:LeadingKeys': ['1', '2'], 'dynamodb:Attributes': ['pk', 'sk'] },
        },
      ],
    ],
    [
      'TransactWriteItems: the action of each item',
      'TransactWriteItems',
      {
        TransactItems: [
          transactItem('Put', { Item: tableKey('1') }),
          transactItem('ConditionCheck', { Key: tableKey('2'), ConditionExpression: 'attribute_not_exists(pk)' }),
        ],
      },
      [
        {
          action: 'dynamodb:PutItem',
          resource: LEDGER_TABLE_ARN,
          context: {
            'dynamodb:LeadingKeys': ['1'],
            'dynamodb:Attributes': ['pk', 'sk'],
            'dynamodb:EnclosingOperation': 'TransactWriteItems',
          },
        },
        {
          action: 'dynamodb:ConditionCheckItem',
          resource: LEDGER_TABLE_ARN,
          context: {
            'dynamodb:LeadingKeys': ['2'],
            'dynamodb:Attributes': ['pk', 'sk'],
            'dynamodb:EnclosingOperation': 'TransactWriteItems',
          },
        },
      ],
    ],
  ])('%s', async (_name, operation, input, expected) => {
    const { kernel, call } = await tableSandbox();
    await call(operation, input);
    expect(kernel.needed).toMatchObject(expected);
    expect(kernel.needed).toHaveLength(expected.length);
  });

  it('are required for every action of a transaction', async () => {
    const { kernel, transact, get } = await tableSandbox();
    kernel.refuses.add('dynamodb:DeleteItem');
    await expect(
      transact(transactItem('Put', { Item: tableKey('1') }), transactItem('Delete', { Key: tableKey('2') })),
    ).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    expect(await get(tableKey('1'))).toBeUndefined();
  });

  it('include the key of an encrypted table', async () => {
    const kernel = smallKernel(dynamodb, kms);
    const KMSMasterKeyId = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata.Arn;
    const { put } = await tableSandbox({ SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId } }, kernel);
    await put(tableKey('1'));
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
