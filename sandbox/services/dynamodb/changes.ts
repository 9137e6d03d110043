/** Writes changes of items into the stream of their table. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
import { isDeepStrictEqual } from 'node:util';
import { appendChange, streamsAt } from '../dynamodbstreams/records.ts';
import type { TableStream } from '../dynamodbstreams/state.ts';
import { type DynaliteEngine, runOperation } from './dynalite.ts';
import { type DynamoDbAt, type DynamoDbItem, keyOfItem } from './state.ts';

export type ItemTarget = { readonly name: string; readonly item: DynamoDbItem };

/**
 * Runs `write` and records what it changed of the items, in their order. A write that changes nothing leaves no record.
 * Call it inside `runInTurn`.
 */
export async function recordChanges<T>(
  engine: DynaliteEngine,
  at: DynamoDbAt,
  targets: readonly ItemTarget[],
  write: () => Promise<T>,
  { isExpiry = false } = {},
): Promise<T> {
  const streamed = targets.flatMap((target) => {
    const stream = enabledStream(at, target.name);
    return stream ? [{ stream, ...target, keys: keyOfItem(at.state.tables.get(target.name)!, target.item) }] : [];
  });
  if (streamed.length === 0) return write();
  const images = async () => {
    const found: (DynamoDbItem | undefined)[] = [];
    for (const { name, keys } of streamed) found.push(await readItem(engine, name, keys));
    return found;
  };
  const before = await images();
  const result = await write();
  const after = await images();
  for (const [n, { stream, keys }] of streamed.entries()) {
    if (isDeepStrictEqual(before[n], after[n])) continue;
    appendChange(at.kernel, stream, { keys, before: before[n], after: after[n], isExpiry });
  }
  return result;
}

/** Reads consistently. Call it inside `runInTurn`. */
export async function readItem(
  engine: DynaliteEngine,
  name: string,
  key: DynamoDbItem,
): Promise<DynamoDbItem | undefined> {
  const { Item } = await runOperation(engine, 'GetItem', { TableName: name, Key: key, ConsistentRead: true });
  return Item;
}

function enabledStream(at: DynamoDbAt, name: string): TableStream | undefined {
  const arn = at.state.tables.get(name)?.streamArn;
  const stream = arn === undefined ? undefined : streamsAt(at.kernel, at).get(arn);
  return stream?.isEnabled ? stream : undefined;
}
