/**
 * Transactions: conditional writes in one turn. If one fails, the sandbox undoes the others.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { readItem, recordChanges } from './changes.ts';
import {
  conditionFailureReturn,
  lengthBetween,
  notNull,
  requireConstraints,
  tableNameFailures,
} from './constraints.ts';
import {
  checkCondition,
  type DynaliteEngine,
  prepareOperation,
  runOperation,
  runPrepared,
  toWire,
} from './dynalite.ts';
import { countItemWrites, onTables } from './items.ts';
import { type ItemRequest, itemNeeds } from './needs.ts';
import { type DynamoDbAt, type DynamoDbItem, itemKeyText, keyOfItem, resolveTableName } from './state.ts';

type ActionKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
type TransactionAction = {
  readonly kind: ActionKind;
  readonly request: ItemRequest & { readonly ReturnValuesOnConditionCheckFailure?: string };
};
type CancellationReason = { readonly Code: string; readonly Message?: string; readonly Item?: DynamoDbItem };

const MAX_ACTIONS = 100;

/** A ClientRequestToken makes a transaction idempotent for this long. */
const IDEMPOTENCY_WINDOW_MS = 600_000;

const IAM_ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

export const transactWriteItems = {
  needs: (input: sdk.TransactWriteItemsCommandInput, at: DynamoDbAt): Need[] =>
    actionsOf(input).flatMap(({ kind, request }) => itemNeeds(at, IAM_ACTIONS[kind], request, 'TransactWriteItems')),
  run(input: sdk.TransactWriteItemsCommandInput, at: DynamoDbAt): Promise<any> {
    const actions = actionsOf(input);
    const tables = actions.map(({ request }) => request.TableName);
    return onTables(at, tables, async (engine) => {
      if (tokenStatus(input, at) === 'repeated') return {};
      const targets = actions.map(({ request }) => ({
        name: resolveTableName(at, request.TableName),
        item: (request.Item ?? request.Key)!,
      }));
      await recordChanges(engine, at, targets, () => writeAll(engine, at, actions));
      countItemWrites(at, tables);
      if (input.ClientRequestToken)
        at.state.tokens.set(input.ClientRequestToken, { request: requestText(input), at: at.kernel.clock.now() });
      return {};
    });
  },
};

export const transactGetItems = {
  needs: (input: sdk.TransactGetItemsCommandInput, at: DynamoDbAt): Need[] =>
    getsOf(input).flatMap((request) => itemNeeds(at, 'GetItem', request, 'TransactGetItems')),
  run(input: sdk.TransactGetItemsCommandInput, at: DynamoDbAt): Promise<any> {
    const gets = getsOf(input);
    return onTables(
      at,
      gets.map(({ TableName }) => TableName),
      async (engine) => {
        const Responses: { Item?: DynamoDbItem }[] = [];
        for (const request of gets) {
          const { Item } = await runOperation(engine, 'GetItem', {
            ...request,
            TableName: resolveTableName(at, request.TableName),
            ConsistentRead: true,
          });
          Responses.push(Item ? { Item } : {});
        }
        return { Responses };
      },
    );
  },
};

async function writeAll(engine: DynaliteEngine, at: DynamoDbAt, actions: readonly TransactionAction[]): Promise<void> {
  const writes = actions.map((action) => {
    const name = resolveTableName(at, action.request.TableName);
    const table = at.state.tables.get(name);
    if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    const operation = action.kind === 'Put' ? 'PutItem' : action.kind === 'Update' ? 'UpdateItem' : 'DeleteItem';
    const prepared = prepareOperation(engine, operation, { ...action.request, TableName: name });
    const item = (action.request.Item ?? action.request.Key)!;
    return { ...action, name, table, prepared, item, identity: `${name} ${itemKeyText(table, item)}` };
  });
  if (new Set(writes.map(({ identity }) => identity)).size < writes.length)
    throw validationError('Transaction request cannot include multiple operations on one item');

  const reasons: CancellationReason[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  for (const { kind, request, name, table, prepared, item } of writes) {
    try {
      const key = keyOfItem(table, item);
      const oldItem = await readItem(engine, name, key);
      await (kind === 'ConditionCheck' ? checkCondition(engine, prepared) : runPrepared(engine, prepared)).catch(
        (error) => {
          throw withItem(error, request, oldItem);
        },
      );
      if (kind !== 'ConditionCheck') undo.push(() => restoreItem(engine, name, key, oldItem));
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

function restoreItem(
  engine: DynaliteEngine,
  name: string,
  key: DynamoDbItem,
  oldItem: DynamoDbItem | undefined,
): Promise<unknown> {
  if (!oldItem) return runOperation(engine, 'DeleteItem', { TableName: name, Key: key });
  return runOperation(engine, 'PutItem', { TableName: name, Item: oldItem });
}

function withItem(error: unknown, request: TransactionAction['request'], oldItem: DynamoDbItem | undefined): unknown {
  const returnsItem = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && oldItem !== undefined;
  if (!returnsItem || !(error instanceof AwsError)) return error;
  return new AwsError(error.code, error.message, error.status, { Item: oldItem });
}

function reasonOf(error: unknown): CancellationReason {
  if (!(error instanceof AwsError)) throw error;
  if (error.code === 'ConditionalCheckFailedException')
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...error.fields };
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message };
  throw error;
}

/**
 * Compares the request with the earlier one of its token.
 * @throws AwsError IdempotentParameterMismatchException
 */
function tokenStatus(input: sdk.TransactWriteItemsCommandInput, at: DynamoDbAt): 'new' | 'repeated' {
  deleteOldTokens(at);
  const earlier = at.state.tokens.get(input.ClientRequestToken ?? '');
  if (!earlier) return 'new';
  if (earlier.request === requestText(input)) return 'repeated';
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'The provided ClientRequestToken was already used with different parameters within the idempotency window.',
  );
}

function deleteOldTokens({ state, kernel }: DynamoDbAt): void {
  const now = kernel.clock.now();
  for (const [token, { at: usedAt }] of state.tokens) {
    if (now - usedAt < IDEMPOTENCY_WINDOW_MS) break;
    state.tokens.delete(token);
  }
}

const requestText = ({ TransactItems }: sdk.TransactWriteItemsCommandInput) => JSON.stringify(toWire(TransactItems));

function actionsOf({ TransactItems, ClientRequestToken }: sdk.TransactWriteItemsCommandInput): TransactionAction[] {
  requireConstraints([...countFailures(TransactItems), lengthBetween(ClientRequestToken, 'clientRequestToken', 1, 36)]);
  const failures = TransactItems!.flatMap((item, n) =>
    Object.entries(item).flatMap(([kind, request]) => {
      const member = `transactItems.${n + 1}.member.${kind[0]!.toLowerCase()}${kind.slice(1)}`;
      return [
        ...nameFailures(request?.TableName, `${member}.tableName`),
        conditionFailureReturn(
          request?.ReturnValuesOnConditionCheckFailure,
          `${member}.returnValuesOnConditionCheckFailure`,
        ),
      ];
    }),
  );
  requireConstraints(failures);
  return TransactItems!.map((transactItem) => {
    const requests = Object.entries(transactItem).filter(([, request]) => request !== undefined);
    if (requests.length !== 1)
      throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
    const [kind, request] = requests[0] as [ActionKind, TransactionAction['request']];
    return { kind, request };
  });
}

function getsOf({ TransactItems }: sdk.TransactGetItemsCommandInput): ItemRequest[] {
  requireConstraints(countFailures(TransactItems));
  requireConstraints(
    TransactItems!.flatMap(({ Get }, n) => nameFailures(Get?.TableName, `transactItems.${n + 1}.member.get.tableName`)),
  );
  return TransactItems!.map(({ Get }) => Get as ItemRequest);
}

const countFailures = (items: readonly unknown[] | undefined) => [
  notNull(items, 'transactItems'),
  lengthBetween(items, 'transactItems', 1, MAX_ACTIONS),
];

/** An ARN names the table too. */
const nameFailures = (name: string | undefined, member: string) =>
  name?.startsWith('arn:') ? [] : tableNameFailures(name, member);

const validationError = (message: string) => new AwsError('ValidationException', message);
