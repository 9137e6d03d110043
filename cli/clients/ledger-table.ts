import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../../functions/contract/errors.ts';
import type { LedgerKey } from '../../functions/domain/stops.ts';
import { type DynamoItem, itemKey } from '../../functions/ledger/ledger-items.ts';
import { missingResource } from './home-region-hint.ts';
import { installedNames } from './installed-names.ts';

export type TableQuery = {
  readonly prefix?: string;
  /** Returns at most this many items, those with the greatest sort keys first. */
  readonly newest?: number;
};

export async function getItem(client: DynamoDBClient, { pk, sk }: LedgerKey): Promise<DynamoItem | undefined> {
  const command = new GetItemCommand({
    TableName: installedNames().ledgerTable,
    Key: itemKey(pk, sk),
    ConsistentRead: true,
  });
  return (await withTableHint(client, () => client.send(command))).Item;
}

export async function queryItems(
  client: DynamoDBClient,
  pk: string,
  { prefix, newest }: TableQuery = {},
): Promise<DynamoItem[]> {
  const items: DynamoItem[] = [];
  let ExclusiveStartKey: DynamoItem | undefined;
  do {
    const command = new QueryCommand({
      TableName: installedNames().ledgerTable,
      KeyConditionExpression: `pk = :pk${prefix ? ' AND begins_with(sk, :prefix)' : ''}`,
      ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix && { ':prefix': { S: prefix } }) },
      ...(newest && { ScanIndexForward: false, Limit: newest }),
      ConsistentRead: true,
      ExclusiveStartKey,
    });
    const page = await withTableHint(client, () => client.send(command));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey && (newest === undefined || items.length < newest));
  return items;
}

export async function putItem(client: DynamoDBClient, Item: DynamoItem): Promise<void> {
  await withTableHint(client, () => client.send(new PutItemCommand({ TableName: installedNames().ledgerTable, Item })));
}

export async function updateItem(client: DynamoDBClient, Key: DynamoItem, values: DynamoItem): Promise<void> {
  const names = Object.keys(values);
  const command = new UpdateItemCommand({
    TableName: installedNames().ledgerTable,
    Key,
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name]!])),
  });
  await withTableHint(client, () => client.send(command));
}

/** @throws Unreachable with the home Region if the table does not exist; every other error unchanged */
export async function withTableHint<T>(client: DynamoDBClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw missingResource(`table ${installedNames().ledgerTable}`, await client.config.region(), 'Ledger');
  }
}
