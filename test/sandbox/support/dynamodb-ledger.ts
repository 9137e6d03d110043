/** A table in a small sandbox with DynamoDB and KMS. */
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { smallKernel } from './small-kernel.ts';

export const LEDGER_TABLE_ARN = 'arn:aws:dynamodb:us-east-1:111122223333:table/ledger';

/** Like the ledger: partition and sort key, and an index by owner. */
export const TEST_TABLE = {
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

export const tableKey = (pk: string, sk = 'a') => ({ pk: { S: pk }, sk: { S: sk } });

/** Creates the table, and forgets the permissions that its creation needed. */
export async function tableSandbox(table: object = {}, kernel = smallKernel(dynamodb, kms)) {
  await kernel.as('dynamodb', 'CreateTable', { ...TEST_TABLE, ...table });
  kernel.needed.length = 0;
  const call = (operation: string, input: object) =>
    kernel.as('dynamodb', operation, { TableName: 'ledger', ...input });
  const put = (Item: object, more: object = {}) => call('PutItem', { Item, ...more });
  const get = async (Key: object) => (await call('GetItem', { Key })).Item;
  const transact = (...TransactItems: object[]) => kernel.as('dynamodb', 'TransactWriteItems', { TransactItems });
  return { kernel, call, put, get, transact };
}

export const transactItem = (kind: string, more: object) => ({ [kind]: { TableName: 'ledger', ...more } });

export const IS_NEW = { ConditionExpression: 'attribute_not_exists(pk)' };
