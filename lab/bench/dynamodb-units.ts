/**
 * DynamoDB's on-demand request units of a call, computed from its input. They are an upper bound: an update counts as
 * its values, and each index of the item as two writes, because every change of an item changes its key there.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
import { CHANGED_AT, INDEXES } from '../../functions/domain/ledger.ts';

const BYTES_PER_UNIT = 1024;

type Input = Readonly<Record<string, any>>;

/** Returns one unit for each started KB, or two in a transaction, and those of indexes. */
export function writeUnits(operation: string, input: Input): number {
  if (operation === 'TransactWriteItems')
    return sum(input.TransactItems.flatMap(Object.values), (item) => 2 * tableUnits(item) + indexUnits(item));
  if (operation === 'BatchWriteItem')
    return sum(Object.values(input.RequestItems).flat(), ({ PutRequest, DeleteRequest }) =>
      unitsOf(PutRequest ?? DeleteRequest),
    );
  return ['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation) ? unitsOf(input) : 0;
}

/** Assumes consistent reads of items up to 4 KB: one unit for each item or query. */
export function readUnits(operation: string, input: Input): number {
  if (operation === 'BatchGetItem') return sum(Object.values(input.RequestItems), ({ Keys }) => Keys.length);
  return ['GetItem', 'Query'].includes(operation) ? 1 : 0;
}

const unitsOf = (write: Input): number => tableUnits(write) + indexUnits(write);

function tableUnits(write: Input): number {
  const values = write.Item ?? write.ExpressionAttributeValues ?? {};
  return Math.ceil(JSON.stringify(values).length / BYTES_PER_UNIT);
}

/** Assumes entries of up to 1 KB: a change deletes the old entry and writes a new one. */
const indexUnits = (write: Input): number => 2 * indexesOf(write).length;

/** Returns the indexes that have an entry for the item, because it has their key. */
function indexesOf(write: Input) {
  const names = new Set([...Object.keys(write.Item ?? {}), ...Object.values(write.ExpressionAttributeNames ?? {})]);
  return Object.entries(INDEXES).filter(([name, { sorted }]) => names.has(name) && (!sorted || names.has(CHANGED_AT)));
}

const sum = (items: readonly any[], of: (item: any) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
