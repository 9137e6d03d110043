/**
 * What DynamoDB would bill for a call on demand, from the call alone: an upper bound, for it counts a value for an item and
 * two writes for each index that the item is in (its key there changes with every change).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
import { CHANGED_AT, INDEXES } from '../../functions/domain/ledger.ts';

const KB = 1024;

type Input = Readonly<Record<string, any>>;

/** Write request units: one a KB begun, in a transaction two, and what indexes take. */
export function writeUnits(operation: string, input: Input): number {
  if (operation === 'TransactWriteItems')
    return sum(input.TransactItems.flatMap(Object.values), (item) => 2 * inTable(item) + inIndexes(item));
  if (operation === 'BatchWriteItem')
    return sum(Object.values(input.RequestItems).flat(), ({ PutRequest, DeleteRequest }) =>
      written(PutRequest ?? DeleteRequest),
    );
  return ['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation) ? written(input) : 0;
}

/** Read request units of consistent reads, of items up to 4 KB: one an item, and one a query. */
export function readUnits(operation: string, input: Input): number {
  if (operation === 'BatchGetItem') return sum(Object.values(input.RequestItems), ({ Keys }) => Keys.length);
  return ['GetItem', 'Query'].includes(operation) ? 1 : 0;
}

const written = (write: Input): number => inTable(write) + inIndexes(write);

function inTable(write: Input): number {
  const values = write.Item ?? write.ExpressionAttributeValues ?? {};
  return Math.ceil(JSON.stringify(values).length / KB);
}

/** Of an item up to 1 KB there, as indexes hold it: the old entry goes, the new one comes. */
const inIndexes = (write: Input): number => 2 * indexesOf(write).length;

/** Indexes with an entry of this item: an item without the index's key has none. */
function indexesOf(write: Input) {
  const names = new Set([...Object.keys(write.Item ?? {}), ...Object.values(write.ExpressionAttributeNames ?? {})]);
  return Object.entries(INDEXES).filter(([name, { sorted }]) => names.has(name) && (!sorted || names.has(CHANGED_AT)));
}

const sum = (items: readonly any[], of: (item: any) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
