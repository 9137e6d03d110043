/** Keys, times and batches of the ledger's items. */
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

export type Item = Record<string, AttributeValue>;

export const HOUR = 3_600_000;

export const key = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });

/** For the table's time to live, in seconds since 1970. */
export const expires = (now: number, days = KEPT_DAYS): AttributeValue => ({
  N: String(Math.floor(now / 1000 + days * 86_400)),
});

export const number = (value: number): AttributeValue => ({ N: String(value) });
export const numberIn = (value: AttributeValue | undefined): number | undefined =>
  value?.N === undefined ? undefined : Number(value.N);

/** These items as they are now, each under its partition and sort key, joined by a space. */
export async function read(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
): Promise<ReadonlyMap<string, Item>> {
  const found = new Map<string, Item>();
  let left = [...keys];
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === 5)
      throw new SutureError('Throttled', `The ledger gave ${left.length} keys back five times. ${AGAIN}`);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(nameOf(item), item);
    left = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

export const nameOf = ({ pk, sk }: Item): string => `${pk?.S} ${sk?.S}`;

/** Writes all or nothing; why not, in the items' order, where one of them refuses. */
export async function transact(
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

/** Whether the condition of a write held. */
export async function held(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}
