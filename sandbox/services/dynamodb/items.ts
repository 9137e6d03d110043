/** Reads and writes of items outside transactions. */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { type At, AwsError, type Need } from '../../kernel/kernel.ts';
import { type Engine, engineOf, inTurn, run } from './engine.ts';
import { type ItemRequest, itemNeeds } from './needs.ts';
import { type DynamoDbState, existingTable, type Item, keyOf, tableName } from './state.ts';
import { sweepExpired } from './time-to-live.ts';

type Here = At<DynamoDbState>;

/** GetItem, Query and Scan: an operation of one table that dynalite knows as it is. */
export const reads = (operation: 'GetItem' | 'Query' | 'Scan') => ({
  needs: (input: ItemRequest, at: Here): Need[] => itemNeeds(at, operation, selecting(operation, input)),
  run: (input: ItemRequest, at: Here): Promise<any> =>
    onTables(at, [input.TableName], (engine) => run(engine, operation, named(at, input))),
});

/** PutItem, UpdateItem and DeleteItem, whose refusals may bring the item along. */
export const writes = (operation: 'PutItem' | 'UpdateItem' | 'DeleteItem') => ({
  needs: (input: ItemRequest, at: Here): Need[] => itemNeeds(at, operation, input),
  run: (input: ItemRequest & { ReturnValuesOnConditionCheckFailure?: string }, at: Here): Promise<any> =>
    onTables(at, [input.TableName], async (engine) => {
      try {
        return await run(engine, operation, named(at, input));
      } catch (error) {
        const { code } = error as AwsError;
        if (code !== 'ConditionalCheckFailedException') throw error;
        if (input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') throw error;
        const name = tableName(at, input.TableName);
        const Item = await readItem(engine, name, keyOf(existingTable(at, name), (input.Item ?? input.Key)!));
        throw new AwsError(code, 'The conditional request failed', 400, { Item });
      }
    }),
});

export const batchGetItem = {
  needs: ({ RequestItems }: sdk.BatchGetItemCommandInput, at: Here): Need[] =>
    Object.entries(RequestItems ?? {}).flatMap(([TableName, request]) =>
      itemNeeds(at, 'BatchGetItem', { ...request, TableName }),
    ),
  run: (input: sdk.BatchGetItemCommandInput, at: Here): Promise<any> => batch('BatchGetItem', input, at),
};

export const batchWriteItem = {
  needs: ({ RequestItems }: sdk.BatchWriteItemCommandInput, at: Here): Need[] =>
    Object.entries(RequestItems ?? {}).flatMap(([TableName, requests]) => {
      const Keys = requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      return itemNeeds(at, 'BatchWriteItem', { TableName, Keys });
    }),
  run: (input: sdk.BatchWriteItemCommandInput, at: Here): Promise<any> => batch('BatchWriteItem', input, at),
};

/** Work on tables, one after the other with all other work of this account and Region, after expired items were swept. */
export function onTables<T>(
  at: Here,
  namesOrArns: readonly (string | undefined)[],
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = engineOf(at.kernel, at);
  return inTurn(at.kernel, engine, async () => {
    for (const name of namesOrArns) await sweepExpired(engine, at, tableName(at, name));
    return work(engine);
  });
}

/** A strongly consistent read. Hold the turn. */
export async function readItem(engine: Engine, name: string, key: Item): Promise<Item | undefined> {
  const { Item } = await run(engine, 'GetItem', { TableName: name, Key: key, ConsistentRead: true });
  return Item;
}

/** Batches name their tables in keys, by name or ARN; the answer uses what the request used. */
async function batch(
  operation: string,
  input: { readonly RequestItems: Readonly<Record<string, any>> | undefined },
  at: Here,
): Promise<any> {
  const given = new Map(Object.keys(input.RequestItems ?? {}).map((key) => [tableName(at, key), key]));
  const RequestItems = Object.fromEntries([...given].map(([name, key]) => [name, input.RequestItems![key]]));
  return onTables(at, [...given.keys()], async (engine) => {
    const output = await run(engine, operation, { ...input, RequestItems });
    if (!output.Responses) return output;
    const responses = Object.entries(output.Responses).map(([name, items]) => [given.get(name) ?? name, items]);
    return { ...output, Responses: Object.fromEntries(responses) };
  });
}

const named = <I extends ItemRequest>(at: Here, input: I): I => ({
  ...input,
  TableName: tableName(at, input.TableName),
});

/** Query and Scan say what they select, also by default; GetItem has no such condition key. */
function selecting(operation: string, input: ItemRequest): ItemRequest {
  if (operation === 'GetItem') return input;
  const projected = input.ProjectionExpression || input.AttributesToGet ? 'SPECIFIC_ATTRIBUTES' : undefined;
  const all = input.IndexName ? 'ALL_PROJECTED_ATTRIBUTES' : 'ALL_ATTRIBUTES';
  return { ...input, Select: input.Select ?? projected ?? all };
}
