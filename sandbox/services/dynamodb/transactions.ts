/**
 * Transactions: conditional writes in one turn, undone when one of them refuses.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { type At, AwsError, type Need } from '../../kernel/kernel.ts';
import { checkCondition, type Engine, perform, prepare, run, toWire } from './engine.ts';
import { onTables, readItem } from './items.ts';
import { type ItemRequest, itemNeeds } from './needs.ts';
import { type DynamoDbState, existingTable, type Item, keyOf, keyText, tableName } from './state.ts';

type Here = At<DynamoDbState>;
type Kind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
type Action = {
  readonly kind: Kind;
  readonly request: ItemRequest & { readonly ReturnValuesOnConditionCheckFailure?: string };
};
type Reason = { readonly Code: string; readonly Message?: string; readonly Item?: Item };

const maximumActions = 100;

/** A token's transaction is not done again within ten minutes. */
const idempotencyWindow = 600_000;

const iamAction = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem' };

export const transactWriteItems = {
  needs: (input: sdk.TransactWriteItemsCommandInput, at: Here): Need[] =>
    actionsOf(input).flatMap(({ kind, request }) => itemNeeds(at, iamAction[kind], request, 'TransactWriteItems')),
  run(input: sdk.TransactWriteItemsCommandInput, at: Here): Promise<any> {
    const actions = actionsOf(input);
    const tables = actions.map(({ request }) => request.TableName);
    return onTables(at, tables, async (engine) => {
      if (alreadyDone(input, at)) return {};
      await writeAll(engine, at, actions);
      if (input.ClientRequestToken)
        at.state.tokens.set(input.ClientRequestToken, { request: requestText(input), at: at.kernel.clock.now() });
      return {};
    });
  },
};

export const transactGetItems = {
  needs: (input: sdk.TransactGetItemsCommandInput, at: Here): Need[] =>
    getsOf(input).flatMap((request) => itemNeeds(at, 'GetItem', request, 'TransactGetItems')),
  run(input: sdk.TransactGetItemsCommandInput, at: Here): Promise<any> {
    const gets = getsOf(input);
    return onTables(
      at,
      gets.map(({ TableName }) => TableName),
      async (engine) => {
        const Responses: { Item?: Item }[] = [];
        for (const request of gets) {
          const { Item } = await run(engine, 'GetItem', {
            ...request,
            TableName: tableName(at, request.TableName),
            ConsistentRead: true,
          });
          Responses.push(Item ? { Item } : {});
        }
        return { Responses };
      },
    );
  },
};

async function writeAll(engine: Engine, at: Here, actions: readonly Action[]): Promise<void> {
  const writes = actions.map((action) => {
    const name = tableName(at, action.request.TableName);
    const table = existingTable(at, name);
    const operation = action.kind === 'Put' ? 'PutItem' : action.kind === 'Update' ? 'UpdateItem' : 'DeleteItem';
    const prepared = prepare(engine, operation, { ...action.request, TableName: name });
    const given = (action.request.Item ?? action.request.Key)!;
    return { ...action, name, table, prepared, given, identity: `${name} ${keyText(table, given)}` };
  });
  if (new Set(writes.map(({ identity }) => identity)).size < writes.length) {
    throw validation('Transaction request cannot include multiple operations on one item');
  }

  const reasons: Reason[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  for (const { kind, request, name, table, prepared, given } of writes) {
    try {
      const key = keyOf(table, given);
      const before = await readItem(engine, name, key);
      await (kind === 'ConditionCheck' ? checkCondition(engine, prepared) : perform(engine, prepared)).catch(
        (error) => {
          throw withItem(error, request, before);
        },
      );
      if (kind !== 'ConditionCheck') undo.push(() => restore(engine, name, key, before));
      reasons.push({ Code: 'None' });
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  if (reasons.every(({ Code }) => Code === 'None')) return;
  for (const step of undo) await step();
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  throw new AwsError('TransactionCanceledException', message, 400, { CancellationReasons: reasons });
}

function restore(engine: Engine, name: string, key: Item, before: Item | undefined): Promise<unknown> {
  if (!before) return run(engine, 'DeleteItem', { TableName: name, Key: key });
  return run(engine, 'PutItem', { TableName: name, Item: before });
}

function withItem(error: unknown, request: Action['request'], before: Item | undefined): unknown {
  const wanted = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined;
  if (!wanted || !(error instanceof AwsError)) return error;
  return new AwsError(error.code, error.message, error.status, { Item: before });
}

/** Only what concerns one item is a reason of a cancelled transaction. */
function reasonOf(error: unknown): Reason {
  if (!(error instanceof AwsError)) throw error;
  if (error.code === 'ConditionalCheckFailedException') {
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...error.fields };
  }
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message };
  throw error;
}

/** @throws IdempotentParameterMismatchException */
function alreadyDone(input: sdk.TransactWriteItemsCommandInput, at: Here): boolean {
  const now = at.kernel.clock.now();
  // The oldest are first.
  for (const [token, done] of at.state.tokens) {
    if (now - done.at < idempotencyWindow) break;
    at.state.tokens.delete(token);
  }
  const done = at.state.tokens.get(input.ClientRequestToken ?? '');
  if (!done) return false;
  if (done.request === requestText(input)) return true;
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'The provided ClientRequestToken was already used with different parameters within the idempotency window.',
  );
}

const requestText = ({ TransactItems }: sdk.TransactWriteItemsCommandInput) => JSON.stringify(toWire(TransactItems));

function actionsOf({ TransactItems = [] }: sdk.TransactWriteItemsCommandInput): Action[] {
  checkCount(TransactItems);
  return TransactItems.map((item) => {
    const given = Object.entries(item).filter(([, request]) => request !== undefined);
    if (given.length !== 1) throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
    const [kind, request] = given[0] as [Kind, Action['request']];
    return { kind, request };
  });
}

function getsOf({ TransactItems = [] }: sdk.TransactGetItemsCommandInput): ItemRequest[] {
  checkCount(TransactItems);
  return TransactItems.map(({ Get }) => Get as ItemRequest);
}

function checkCount(items: readonly unknown[]): void {
  if (items.length >= 1 && items.length <= maximumActions) return;
  const constraint = items.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${maximumActions}`;
  throw validation(
    `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${constraint}`,
  );
}

const validation = (message: string) => new AwsError('ValidationException', message);
