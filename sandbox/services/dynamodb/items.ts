import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { type ItemTarget, readItem, recordChanges } from './changes.ts';
import { conditionFailureReturn, requireConstraints } from './constraints.ts';
import { type DynaliteEngine, engineOf, runInTurn, runOperation } from './dynalite.ts';
import { requireFilledIndex } from './indexes.ts';
import { type ItemRequest, itemNeeds } from './needs.ts';
import { type DynamoDbAt, existingTable, keyOfItem, resolveTableName } from './state.ts';
import { deleteExpiredItems } from './time-to-live.ts';

export const itemRead = (operation: 'GetItem' | 'Query' | 'Scan') => ({
  needs: (input: ItemRequest, at: DynamoDbAt): Need[] => itemNeeds(at, operation, withSelect(operation, input)),
  run: (input: ItemRequest, at: DynamoDbAt): Promise<any> =>
    onTables(at, [input.TableName], (engine) => {
      requireFilledIndex(at.state.tables.get(resolveTableName(at, input.TableName)), input.IndexName, at);
      return runOperation(engine, operation, withTableName(at, input));
    }),
});

export const itemWrite = (operation: 'PutItem' | 'UpdateItem' | 'DeleteItem') => ({
  needs: (input: ItemRequest, at: DynamoDbAt): Need[] => itemNeeds(at, operation, input),
  run: (input: ItemRequest & { ReturnValuesOnConditionCheckFailure?: string }, at: DynamoDbAt): Promise<any> =>
    onTables(at, [input.TableName], async (engine) => {
      requireConstraints([conditionFailureReturn(input.ReturnValuesOnConditionCheckFailure)]);
      try {
        const target = { name: resolveTableName(at, input.TableName), item: (input.Item ?? input.Key)! };
        const output = await recordChanges(engine, at, [target], () =>
          runOperation(engine, operation, withTableName(at, input)),
        );
        countItemWrites(at, [input.TableName]);
        return output;
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
  async run(input: sdk.BatchWriteItemCommandInput, at: DynamoDbAt): Promise<any> {
    const output = await runBatch('BatchWriteItem', input, at);
    countItemWrites(at, Object.keys(input.RequestItems ?? {}));
    return output;
  },
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

/** Counts writes in the state of the tables, which does not have the items. */
export function countItemWrites(at: DynamoDbAt, namesOrArns: readonly (string | undefined)[]): void {
  for (const name of namesOrArns) existingTable(at, resolveTableName(at, name)).itemWrites += 1;
}

async function runBatch(
  operation: string,
  input: { readonly RequestItems: Readonly<Record<string, any>> | undefined },
  at: DynamoDbAt,
): Promise<any> {
  const keysByName = new Map(Object.keys(input.RequestItems ?? {}).map((key) => [resolveTableName(at, key), key]));
  const RequestItems = Object.fromEntries([...keysByName].map(([name, key]) => [name, input.RequestItems![key]]));
  return onTables(at, [...keysByName.keys()], async (engine) => {
    const output = await recordChanges(engine, at, writtenItems(RequestItems), () =>
      runOperation(engine, operation, { ...input, RequestItems }),
    );
    if (!output.Responses) return output;
    const responses = Object.entries(output.Responses).map(([name, items]) => [keysByName.get(name) ?? name, items]);
    return { ...output, Responses: Object.fromEntries(responses) };
  });
}

/** A request to read has no list of requests. */
const writtenItems = (RequestItems: Readonly<Record<string, any>>): ItemTarget[] =>
  Object.entries(RequestItems).flatMap(([name, requests]) =>
    Array.isArray(requests)
      ? requests.map(({ PutRequest, DeleteRequest }) => ({ name, item: PutRequest?.Item ?? DeleteRequest?.Key ?? {} }))
      : [],
  );

const withTableName = <I extends ItemRequest>(at: DynamoDbAt, input: I): I => ({
  ...input,
  TableName: resolveTableName(at, input.TableName),
});

/** Query and Scan have the condition key Select with a default; GetItem does not. */
function withSelect(operation: string, input: ItemRequest): ItemRequest {
  if (operation === 'GetItem') return input;
  const projection = input.ProjectionExpression || input.AttributesToGet ? 'SPECIFIC_ATTRIBUTES' : undefined;
  const everything = input.IndexName ? 'ALL_PROJECTED_ATTRIBUTES' : 'ALL_ATTRIBUTES';
  return { ...input, Select: input.Select ?? projection ?? everything };
}
