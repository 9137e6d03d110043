/**
 * Global secondary indexes of a table that exists: one is created or deleted at a time, and a new one cannot be read
 * until DynamoDB has filled it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
 */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../kernel/kernel.ts';
import { addIndex, engineOf, removeIndex, runInTurn } from './dynalite.ts';
import { type DynamoDbAt, type DynamoDbTable, tableArn } from './state.ts';

/** AWS takes minutes to hours, by the size of the table. */
export const BACKFILL_MS = 300_000;

export async function changeIndex(input: sdk.UpdateTableCommandInput, at: DynamoDbAt, table: DynamoDbTable) {
  const [update, ...others] = input.GlobalSecondaryIndexUpdates!;
  if (others.length > 0 || !update || isChanging(table, at))
    throw new AwsError(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  if (update.Update) throw new AwsError('NotModelled', 'The sandbox does not model the Update of an index.', 501);
  if (update.Create) await create(update.Create, input.AttributeDefinitions ?? [], at, table);
  else await remove(update.Delete!.IndexName!, at, table);
}

async function create(
  index: sdk.CreateGlobalSecondaryIndexAction,
  definitions: readonly sdk.AttributeDefinition[],
  at: DynamoDbAt,
  { description, indexChangeEndsAt }: DynamoDbTable,
): Promise<void> {
  const { TableName, AttributeDefinitions = [], GlobalSecondaryIndexes = [] } = description;
  const { IndexName, KeySchema, Projection } = index;
  if (GlobalSecondaryIndexes.some((each) => each.IndexName === IndexName))
    throw validation(`Attempting to create an index which already exists: ${IndexName}`);
  const known = new Map([...AttributeDefinitions, ...definitions].map((each) => [each.AttributeName, each]));
  const undefinedKeys = KeySchema!.filter(({ AttributeName }) => !known.has(AttributeName));
  if (undefinedKeys.length > 0)
    throw validation(
      'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. ' +
        `Keys: [${undefinedKeys.map(({ AttributeName }) => AttributeName).join(', ')}]`,
    );
  const engine = engineOf(at.kernel, at);
  const newIndex = { IndexName, KeySchema, Projection };
  await runInTurn(at.kernel, engine, () => addIndex(engine, TableName!, newIndex, [...known.values()]));
  indexChangeEndsAt.set(IndexName!, at.kernel.clock.now() + BACKFILL_MS);
  const IndexArn = `${tableArn(at, TableName!)}/index/${IndexName}`;
  const described = { ...newIndex, IndexStatus: 'ACTIVE' as const, IndexArn, ItemCount: 0, IndexSizeBytes: 0 };
  description.GlobalSecondaryIndexes = [...GlobalSecondaryIndexes, described];
  description.AttributeDefinitions = [...known.values()];
}

async function remove(name: string, at: DynamoDbAt, { description, indexChangeEndsAt }: DynamoDbTable): Promise<void> {
  const { TableName, KeySchema = [], AttributeDefinitions = [], GlobalSecondaryIndexes = [] } = description;
  const left = GlobalSecondaryIndexes.filter(({ IndexName }) => IndexName !== name);
  if (left.length === GlobalSecondaryIndexes.length)
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${name} not found`);
  const engine = engineOf(at.kernel, at);
  const keys = [{ KeySchema }, ...left].flatMap((each) => each.KeySchema ?? []);
  const used = AttributeDefinitions.filter((each) => keys.some((key) => key.AttributeName === each.AttributeName));
  await runInTurn(at.kernel, engine, () => removeIndex(engine, TableName!, name, used));
  indexChangeEndsAt.set(name, at.kernel.clock.now() + BACKFILL_MS);
  description.GlobalSecondaryIndexes = left;
  description.AttributeDefinitions = used;
}

const validation = (message: string) => new AwsError('ValidationException', message);

const isChanging = ({ indexChangeEndsAt }: DynamoDbTable, { kernel }: DynamoDbAt): boolean =>
  indexChangeEndsAt.values().some((until) => kernel.clock.now() < until);

/** Returns the indexes with their present status. */
export const describeIndexes = (
  { description, indexChangeEndsAt }: DynamoDbTable,
  { kernel }: DynamoDbAt,
): Pick<sdk.TableDescription, 'GlobalSecondaryIndexes'> =>
  description.GlobalSecondaryIndexes
    ? {
        GlobalSecondaryIndexes: description.GlobalSecondaryIndexes.map((index) =>
          kernel.clock.now() < (indexChangeEndsAt.get(index.IndexName!) ?? 0)
            ? { ...index, IndexStatus: 'CREATING' as const, Backfilling: true }
            : index,
        ),
      }
    : {};

/** @throws AwsError ValidationException while DynamoDB fills the index */
export function requireFilledIndex(table: DynamoDbTable | undefined, name: string | undefined, at: DynamoDbAt): void {
  if (name === undefined || at.kernel.clock.now() >= (table?.indexChangeEndsAt.get(name) ?? 0)) return;
  throw validation(`Cannot read from backfilling global secondary index: ${name}`);
}
