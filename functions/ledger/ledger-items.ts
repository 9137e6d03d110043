/** Keys, attributes, expressions and batches of the ledger's items. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { AGAIN, isNamed, SutureError } from '../contract/errors.ts';
import { KEPT_DAYS } from '../domain/ledger.ts';

export type DynamoItem = Record<string, AttributeValue>;

export const HOUR_MS = 3_600_000;
const MAX_ATTEMPTS = 5;

export const itemKey = (pk: string, sk: string): DynamoItem => ({ pk: { S: pk }, sk: { S: sk } });

/** Returns the value of the table's time-to-live attribute, in seconds since 1970. */
export const expiryAttribute = (now: number, days = KEPT_DAYS): AttributeValue => ({
  N: String(Math.floor(now / 1000 + days * 86_400)),
});

export const numberAttribute = (value: number): AttributeValue => ({ N: String(value) });
export const numberFrom = (value: AttributeValue | undefined): number | undefined =>
  value?.N === undefined ? undefined : Number(value.N);

/** Reads items consistently, by `itemName` of their keys. */
export async function batchGet(
  client: DynamoDBClient,
  table: string,
  keys: readonly DynamoItem[],
): Promise<ReadonlyMap<string, DynamoItem>> {
  const found = new Map<string, DynamoItem>();
  let unprocessed = [...keys];
  for (let attempt = 0; unprocessed.length > 0; attempt++) {
    if (attempt === MAX_ATTEMPTS)
      throw new SutureError(
        'Throttled',
        `DynamoDB left ${unprocessed.length} keys unprocessed ${MAX_ATTEMPTS} times. ${AGAIN}`,
      );
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: unprocessed, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(itemName(item), item);
    unprocessed = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

/** Joins partition and sort key by a space. */
export const itemName = ({ pk, sk }: DynamoItem): string => `${pk?.S} ${sk?.S}`;

/** Writes all items or none. Returns the cancellation reasons, in the items' order, where DynamoDB cancels the transaction. */
export async function transactWrite(
  client: DynamoDBClient,
  TransactItems: TransactWriteItem[],
): Promise<readonly CancellationReason[] | undefined> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    return undefined;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return error.CancellationReasons ?? [];
    throw error;
  }
}

/** Awaits a conditional write. Returns whether its condition held. */
export async function conditionHeld(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}

/** Builds an update that sets and removes attributes. Every name is a placeholder, for some are reserved words. */
export function updateExpression(item: DynamoItem, remove: readonly string[]) {
  const set = Object.keys(item);
  const removing = remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : '';
  return {
    expression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${removing}`,
    names: Object.fromEntries([...set, ...remove].map((name) => [`#${name}`, name])),
    values: Object.fromEntries(set.map((name) => [`:${name}`, item[name]!])) as Record<string, AttributeValue>,
  };
}
