/** Reads and writes of items outside transactions. */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { type DynaliteEngine, engineOf, runInTurn, runOperation } from './dynalite.ts';
import { type ItemRequest, itemNeeds } from './needs.ts';
import { type DynamoDbAt, type DynamoDbItem, existingTable, keyOfItem, resolveTableName } from './state.ts';
import { deleteExpiredItems } from './time-to-live.ts';

/** Defines GetItem, Query or Scan. */
export const itemRead = (operation: 'GetItem' | 'Query' | 'Scan') => ({
  needs: (input: ItemRequest, at: DynamoDbAt): Need[] => itemNeeds(at, operation, withSelect(operation, input)),
  run: (input: ItemRequest, at: DynamoDbAt): Promise<any> =>
    onTables(at, [input.TableName], (engine) => runOperation(engine, operation, withTableName(at, input))),
});

/** Defines PutItem, UpdateItem or DeleteItem. A failed condition returns the item if the request wants it. */
export const itemWrite = (operation: 'PutItem' | 'UpdateItem' | 'DeleteItem') => ({
  needs: (input: ItemRequest, at: DynamoDbAt): Need[] => itemNeeds(at, operation, input),
  run: (input: ItemRequest & { ReturnValuesOnConditionCheckFailure?: string }, at: DynamoDbAt): Promise<any> =>
    onTables(at, [input.TableName], async (engine) => {
      try {
        return await runOperation(engine, operation, withTableName(at, input));
      } catch (error) {
        const { code } = error as AwsError;
        if (code !== 'ConditionalCheckFailedException') throw error;
        if (input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') throw error;
        const name = resolveTableName(at, input.TableName);
        const Item = await readItem(engine, name, keyOfItem(existingTable(at, name), (input.Item ?? input.Key)!));
        throw new AwsError(code, 'The conditional request failed', 400, { Item });
      }
    }),
});

export const batchGetItem = {
  needs: ({ RequestItems }: sdk.BatchGetItemCommandInput, at: DynamoDbAt): Need[] =>
    Object.entries(RequestItems ?? {}).flatMap(([TableName, request]) =>
      itemNeeds(at, 'BatchGetItem', { ...request, TableName }),
    ),
  run: (input: sdk.BatchGetItemCommandInput, at: DynamoDbAt): Promise<any> => runBatch('BatchGetItem', input, at),
};

export const batchWriteItem = {
  needs: ({ RequestItems }: sdk.BatchWriteItemCommandInput, at: DynamoDbAt): Need[] =>
    Object.entries(RequestItems ?? {}).flatMap(([TableName, requests]) => {
      const Keys = requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      return itemNeeds(at, 'BatchWriteItem', { TableName, Keys });
    }),
  run: (input: sdk.BatchWriteItemCommandInput, at: DynamoDbAt): Promise<any> => runBatch('BatchWriteItem', input, at),
};

/** Deletes expired items of the tables, then runs `work`; other work of this account and Region waits. */
export function onTables<T>(
  at: DynamoDbAt,
  namesOrArns: readonly (string | undefined)[],
  work: (engine: DynaliteEngine) => Promise<T>,
): Promise<T> {
  const engine = engineOf(at.kernel, at);
  return runInTurn(at.kernel, engine, async () => {
    for (const name of namesOrArns) await deleteExpiredItems(engine, at, resolveTableName(at, name));
    return work(engine);
  });
}

/** Reads an item, strongly consistent. Call it inside `runInTurn`. */
export async function readItem(
  engine: DynaliteEngine,
  name: string,
  key: DynamoDbItem,
): Promise<DynamoDbItem | undefined> {
  const { Item } = await runOperation(engine, 'GetItem', { TableName: name, Key: key, ConsistentRead: true });
  return Item;
}

/** Runs a batch. Its keys are table names or ARNs; the response uses the same keys as the request. */
async function runBatch(
  operation: string,
  input: { readonly RequestItems: Readonly<Record<string, any>> | undefined },
  at: DynamoDbAt,
): Promise<any> {
  const keysByName = new Map(Object.keys(input.RequestItems ?? {}).map((key) => [resolveTableName(at, key), key]));
  const RequestItems = Object.fromEntries([...keysByName].map(([name, key]) => [name, input.RequestItems![key]]));
  return onTables(at, [...keysByName.keys()], async (engine) => {
    const output = await runOperation(engine, operation, { ...input, RequestItems });
    if (!output.Responses) return output;
    const responses = Object.entries(output.Responses).map(([name, items]) => [keysByName.get(name) ?? name, items]);
    return { ...output, Responses: Object.fromEntries(responses) };
  });
}

const withTableName = <I extends ItemRequest>(at: DynamoDbAt, input: I): I => ({
  ...input,
  TableName: resolveTableName(at, input.TableName),
});

/** Adds the default of Select, a condition key that Query and Scan have and GetItem does not. */
function withSelect(operation: string, input: ItemRequest): ItemRequest {
  if (operation === 'GetItem') return input;
  const projection = input.ProjectionExpression || input.AttributesToGet ? 'SPECIFIC_ATTRIBUTES' : undefined;
  const everything = input.IndexName ? 'ALL_PROJECTED_ATTRIBUTES' : 'ALL_ATTRIBUTES';
  return { ...input, Select: input.Select ?? projection ?? everything };
}
