import {
  type AttributeValue,
  BatchGetItemCommand,
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed, retryAdvice, SutureError } from '../contract/errors.ts';
import { expiryTime } from '../domain/ledger.ts';

export type DynamoItem = Record<string, AttributeValue>;

export const HOUR_MS = 3_600_000;
const MAX_ATTEMPTS = 5;

export const itemKey = (pk: string, sk: string): DynamoItem => ({ pk: { S: pk }, sk: { S: sk } });

export const expiryAttribute = (now: number, days?: number): AttributeValue => ({ N: expiryTime(now, days) });

export const numberAttribute = (value: number): AttributeValue => ({ N: String(value) });
export const numberFrom = (value: AttributeValue | undefined): number | undefined =>
  value?.N === undefined ? undefined : Number(value.N);

/**
 * Returns the items that exist, by `itemName`.
 * @throws SutureError Throttled if DynamoDB leaves keys unprocessed five times
 */
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
        `DynamoDB left ${unprocessed.length} keys unprocessed ${MAX_ATTEMPTS} times. ${retryAdvice('Throttled')}`,
      );
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: unprocessed, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(itemName(item), item);
    unprocessed = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

export const itemName = ({ pk, sk }: DynamoItem): string => `${pk?.S} ${sk?.S}`;

/**
 * Returns the cancellation reasons in the items' order if DynamoDB cancels the transaction; undefined if it was
 * written.
 */
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

/** Returns false if the condition of the write did not hold. */
export async function conditionHeld(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}

/** Every name is a placeholder, because some are reserved words. */
export function updateExpression(item: DynamoItem, remove: readonly string[]) {
  const set = Object.keys(item);
  const removing = remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : '';
  return {
    expression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${removing}`,
    names: Object.fromEntries([...set, ...remove].map((name) => [`#${name}`, name])),
    values: Object.fromEntries(set.map((name) => [`:${name}`, item[name]!])) as Record<string, AttributeValue>,
  };
}
