/**
 * One item for each account, a list of all units, and one of all ids, by which `replace` finds accounts that have left.
 */
import { setTimeout } from 'node:timers/promises';
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { SutureError } from '../contract/errors.ts';
import { ACCOUNT_LISTS, type OrganizationAccount, STATUS_LEFT } from '../domain/account.ts';
import type { AccountStore } from '../ports/accounts.ts';
import { dynamoLongTexts } from './long-texts.ts';

const UnitList = z.record(z.string(), z.string());

const BATCH = 25;
const MAX_ATTEMPTS = 5;
const BACKOFF_MS = 100;
const ID_LIST = { pk: { S: ACCOUNT_LISTS }, sk: { S: 'all' } };
const EXCLUDED_LIST = { pk: { S: ACCOUNT_LISTS }, sk: { S: 'excluded' } };
const UNIT_LIST = { pk: { S: ACCOUNT_LISTS }, sk: { S: 'units' } };

export function dynamoAccounts(table: string, client: DynamoDBClient, now = Date.now): AccountStore {
  const texts = dynamoLongTexts(table, client, now);
  const storedIds = async () => (await texts.get(ID_LIST, 'ids'))?.split(' ').filter(Boolean) ?? [];

  return {
    async read(id) {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id) }));
      // An earlier Suture wrote no ids.
      if (!Item?.unitIds) return undefined;
      return {
        ...(Item.name?.S && { name: Item.name.S }),
        ...{ id, status: Item.status!.S!, ouPath: Item.ouPath!.S!, seenAt: Number(Item.seenAt!.N) },
        unitIds: Item.unitIds.S!.split(' ').filter(Boolean),
      };
    },

    async replace(accounts, units) {
      // An account that moves to another unit during the listing is in the list twice.
      const byId = new Map(accounts.map((account) => [account.id, account]));
      const leftIds = (await storedIds()).filter((id) => !byId.has(id));
      const leftAccounts = leftIds.map((id) => ({ id, status: STATUS_LEFT, ouPath: '/', unitIds: [] }));
      const items = [...byId.values(), ...leftAccounts].map((account) => itemOf(account, now()));
      for (let first = 0; first < items.length; first += BATCH)
        await writeBatch(client, table, items.slice(first, first + BATCH));
      // Written last, so that after a crash before it the next run finds the same accounts to mark.
      await texts.put(ID_LIST, 'ids', [...byId.keys()].join(' '));
      await texts.put(UNIT_LIST, 'units', JSON.stringify(units));
      return leftIds;
    },

    ids: storedIds,

    async units() {
      const text = await texts.get(UNIT_LIST, 'units');
      return text === undefined ? undefined : UnitList.parse(JSON.parse(text));
    },

    async replaceExcluded(excluded) {
      const Item = { ...EXCLUDED_LIST, ids: { S: excluded.join(' ') } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async excluded() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: EXCLUDED_LIST }));
      return Item?.ids?.S?.split(' ').filter(Boolean);
    },
  };
}

/** @throws SutureError Throttled if DynamoDB leaves items unprocessed again and again */
async function writeBatch(client: DynamoDBClient, table: string, items: readonly WriteRequest[]): Promise<void> {
  let unprocessed: WriteRequest[] = [...items];
  for (let attempt = 0; unprocessed.length > 0; attempt++) {
    if (attempt === MAX_ATTEMPTS)
      throw new SutureError(
        'Throttled',
        `DynamoDB left ${unprocessed.length} accounts unprocessed ${MAX_ATTEMPTS} times.`,
      );
    const RequestItems = { [table]: unprocessed };
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    unprocessed = UnprocessedItems?.[table] ?? [];
    if (unprocessed.length > 0) await setTimeout(BACKOFF_MS * 2 ** attempt);
  }
}

const keyOf = (id: string) => ({ pk: { S: `account#${id}` }, sk: { S: 'account' } });

const itemOf = ({ id, name, status, ouPath, unitIds }: OrganizationAccount, at: number): WriteRequest => ({
  PutRequest: {
    Item: {
      ...keyOf(id),
      ...(name && { name: { S: name } }),
      ...{ status: { S: status }, ouPath: { S: ouPath }, unitIds: { S: unitIds.join(' ') }, seenAt: { N: String(at) } },
    },
  },
});
