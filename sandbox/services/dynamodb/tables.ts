/** A new table is ACTIVE at once. */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { onlyMembers } from '../requests.ts';
import { requireConstraints, valueBetween } from './constraints.ts';
import { type DynaliteEngine, engineOf, runInTurn, runOperation, storedStatus, waitForTable } from './dynalite.ts';
import { changeIndex, describeIndexes } from './indexes.ts';
import { tableKeyContext } from './needs.ts';
import { type DynamoDbAt, type DynamoDbTable, existingTable, resolveTableName, tableArn } from './state.ts';
import { describeStream, endStream, setStream } from './table-streams.ts';

const DAY_MS = 86_400_000;

/** The IAM action has the operation's name. */
export const tableNeeds =
  (action: string) =>
  (input: { readonly TableName?: string }, at: DynamoDbAt): Need[] => {
    const name = resolveTableName(at, input.TableName);
    return [
      { action: `dynamodb:${action}`, resource: tableArn(at, name), resourceTags: at.state.tables.get(name)?.tags },
    ];
  };

export const createTable = {
  needs: (input: sdk.CreateTableCommandInput, at: DynamoDbAt): Need[] => [
    ...tableNeeds('CreateTable')(input, at),
    ...newTableKeyNeeds(input, at),
  ],
  run(input: sdk.CreateTableCommandInput, at: DynamoDbAt): Promise<any> {
    onlyMembers('CreateTable', input, MODELLED_MEMBERS);
    const engine = engineOf(at.kernel, at);
    const name = input.TableName!;
    return runInTurn(at.kernel, engine, async () => {
      if (at.state.tables.has(name)) throw new AwsError('ResourceInUseException', `Table already exists: ${name}`);
      await forgetTable(engine, name);
      const { StreamSpecification, ...tableInput } = input;
      const { TableDescription } = await runOperation(engine, 'CreateTable', tableInput);
      await waitForTable(engine, name, 'ACTIVE');
      const description = tableDescription(at, input, TableDescription);
      const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key!, Value!]));
      const deletionProtection = input.DeletionProtectionEnabled ?? false;
      const table: DynamoDbTable = {
        description,
        recoveryDays: 0,
        deletionProtection,
        tags,
        itemWrites: 0,
        indexChangeEndsAt: new Map(),
      };
      at.state.tables.set(name, table);
      if (StreamSpecification?.StreamEnabled) setStream(at, table, StreamSpecification);
      return { TableDescription: { ...describeTable(input, at).Table, TableStatus: 'CREATING' } };
    });
  },
};

/** Deletes a table that only the store still has, because an earlier state was restored. */
async function forgetTable(engine: DynaliteEngine, name: string): Promise<void> {
  if ((await storedStatus(engine, name)) === 'GONE') return;
  await runOperation(engine, 'DeleteTable', { TableName: name });
  await waitForTable(engine, name, 'GONE');
}

export const deleteTable = {
  needs: tableNeeds('DeleteTable'),
  run(input: sdk.DeleteTableCommandInput, at: DynamoDbAt): Promise<any> {
    const name = resolveTableName(at, input.TableName);
    const table = existingTable(at, name);
    if (table.deletionProtection)
      throw new AwsError(
        'ValidationException',
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      );
    const engine = engineOf(at.kernel, at);
    return runInTurn(at.kernel, engine, async () => {
      await runOperation(engine, 'DeleteTable', { TableName: name });
      await waitForTable(engine, name, 'GONE');
      endStream(at, table);
      at.state.tables.delete(name);
      return { TableDescription: { ...table.description, TableStatus: 'DELETING' } };
    });
  },
};

export async function updateTable(input: sdk.UpdateTableCommandInput, at: DynamoDbAt) {
  const { DeletionProtectionEnabled, StreamSpecification, GlobalSecondaryIndexUpdates } = input;
  onlyMembers('UpdateTable', input, [
    ...(['TableName', 'DeletionProtectionEnabled', 'StreamSpecification', 'GlobalSecondaryIndexUpdates'] as const),
    ...(GlobalSecondaryIndexUpdates ? (['AttributeDefinitions'] as const) : []),
  ]);
  const table = existingTable(at, resolveTableName(at, input.TableName));
  if (GlobalSecondaryIndexUpdates) await changeIndex(input, at, table);
  else if (DeletionProtectionEnabled === undefined && !StreamSpecification)
    throw new AwsError(
      'ValidationException',
      'UpdateTable needs DeletionProtectionEnabled, StreamSpecification or GlobalSecondaryIndexUpdates.',
    );
  if (StreamSpecification) setStream(at, table, StreamSpecification);
  table.deletionProtection = DeletionProtectionEnabled ?? table.deletionProtection;
  return { TableDescription: { ...describeTable(input, at).Table, TableStatus: 'UPDATING' as const } };
}

export function describeTable(input: { readonly TableName: string | undefined }, at: DynamoDbAt) {
  const table = existingTable(at, resolveTableName(at, input.TableName));
  const { description, deletionProtection } = table;
  const current = { ...description, ...describeIndexes(table, at), ...describeStream(at, table) };
  return { Table: { ...current, DeletionProtectionEnabled: deletionProtection } };
}

export function listTables(input: sdk.ListTablesCommandInput, at: DynamoDbAt) {
  requireConstraints([valueBetween(input.Limit, 'limit', 1, 100)]);
  const names = [...at.state.tables.keys()].sort();
  const later = names.filter((name) => name > (input.ExclusiveStartTableName ?? ''));
  const page = later.slice(0, input.Limit ?? 100);
  return { TableNames: page, ...(page.length < later.length && { LastEvaluatedTableName: page.at(-1) }) };
}

export function updateContinuousBackups(input: sdk.UpdateContinuousBackupsCommandInput, at: DynamoDbAt) {
  const table = existingTable(at, resolveTableName(at, input.TableName));
  const { PointInTimeRecoveryEnabled, RecoveryPeriodInDays = 35 } = input.PointInTimeRecoverySpecification!;
  requireConstraints([
    valueBetween(RecoveryPeriodInDays, 'pointInTimeRecoverySpecification.recoveryPeriodInDays', 1, 35),
  ]);
  table.recoveryDays = PointInTimeRecoveryEnabled ? RecoveryPeriodInDays : 0;
  table.recoverySince = PointInTimeRecoveryEnabled ? (table.recoverySince ?? at.kernel.clock.now()) : undefined;
  return describeContinuousBackups(input, at);
}

export function describeContinuousBackups(input: { readonly TableName: string | undefined }, at: DynamoDbAt) {
  const table = existingTable(at, resolveTableName(at, input.TableName));
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED' as const,
      PointInTimeRecoveryDescription: describeRecovery(table, at.kernel.clock.now()),
    },
  };
}

function describeRecovery(table: DynamoDbTable, now: number): sdk.PointInTimeRecoveryDescription {
  if (table.recoverySince === undefined) return { PointInTimeRecoveryStatus: 'DISABLED' };
  const earliest = Math.max(table.recoverySince, now - table.recoveryDays * DAY_MS);
  return {
    PointInTimeRecoveryStatus: 'ENABLED',
    RecoveryPeriodInDays: table.recoveryDays,
    EarliestRestorableDateTime: new Date(earliest),
    LatestRestorableDateTime: new Date(now),
  };
}

const MODELLED_MEMBERS = [
  'TableName',
  'KeySchema',
  'AttributeDefinitions',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'SSESpecification',
  'StreamSpecification',
  'DeletionProtectionEnabled',
  'TableClass',
  'Tags',
] as const;

/** Dynalite's ARNs, ids and times are not the sandbox's. */
function tableDescription(
  at: DynamoDbAt,
  input: sdk.CreateTableCommandInput,
  dynaliteDescription: any,
): sdk.TableDescription {
  const arn = tableArn(at, input.TableName!);
  const indexes = (kind: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes') =>
    dynaliteDescription[kind] && {
      [kind]: dynaliteDescription[kind].map((index: any) => ({
        ...index,
        IndexArn: `${arn}/index/${index.IndexName}`,
        ...(index.IndexStatus && { IndexStatus: 'ACTIVE' }),
      })),
    };
  return {
    ...dynaliteDescription,
    ...indexes('GlobalSecondaryIndexes'),
    ...indexes('LocalSecondaryIndexes'),
    TableArn: arn,
    TableId: at.kernel.uuid(),
    TableStatus: 'ACTIVE',
    CreationDateTime: new Date(at.kernel.clock.now()),
    ...(input.TableClass && { TableClassSummary: { TableClass: input.TableClass } }),
    ...(input.SSESpecification?.Enabled && { SSEDescription: describeEncryption(at, input) }),
  };
}

function describeEncryption(at: DynamoDbAt, input: sdk.CreateTableCommandInput): sdk.SSEDescription {
  const key = newTableKeyNeeds(input, at)[0]?.resource;
  return { Status: 'ENABLED', SSEType: 'KMS', ...(key && { KMSMasterKeyArn: key }) };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
function newTableKeyNeeds(input: sdk.CreateTableCommandInput, at: DynamoDbAt): readonly Need[] {
  const actions = ['kms:DescribeKey', 'kms:CreateGrant', 'kms:GenerateDataKey', 'kms:Decrypt'];
  const service = `dynamodb.${at.region}.amazonaws.com`;
  const context = tableKeyContext(at, input.TableName!);
  return keyNeeds(at.kernel, at, input.SSESpecification?.KMSMasterKeyId, actions, service, context);
}
