/** Tables, their recovery and their deletion. Tables are ACTIVE at once. */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { type At, AwsError, type Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/index.ts';
import { onlyMembers } from '../requests.ts';
import { engineOf, inTurn, run, tableReaches } from './engine.ts';
import { keyContext } from './needs.ts';
import { type DynamoDbState, existingTable, type Table, tableArn, tableName } from './state.ts';

type Here = At<DynamoDbState>;

/** On one table, with the API's name for the action. */
export const tableNeeds =
  (action: string) =>
  (input: { readonly TableName?: string }, at: Here): Need[] => {
    const name = tableName(at, input.TableName);
    return [
      { action: `dynamodb:${action}`, resource: tableArn(at, name), resourceTags: at.state.tables.get(name)?.tags },
    ];
  };

export const createTable = {
  needs: (input: sdk.CreateTableCommandInput, at: Here): Need[] => [
    ...tableNeeds('CreateTable')(input, at),
    ...keyNeedsOf(input, at),
  ],
  run(input: sdk.CreateTableCommandInput, at: Here): Promise<any> {
    onlyMembers('CreateTable', input, modelledMembers);
    const engine = engineOf(at.kernel, at);
    const name = input.TableName!;
    return inTurn(at.kernel, engine, async () => {
      const { TableDescription } = await run(engine, 'CreateTable', input);
      await tableReaches(engine, name, 'ACTIVE');
      const description = described(at, input, TableDescription);
      const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key!, Value!]));
      const deletionProtection = input.DeletionProtectionEnabled ?? false;
      at.state.tables.set(name, { description, recoveryDays: 0, deletionProtection, tags });
      return { TableDescription: { ...description, TableStatus: 'CREATING' } };
    });
  },
};

export const deleteTable = {
  needs: tableNeeds('DeleteTable'),
  run(input: sdk.DeleteTableCommandInput, at: Here): Promise<any> {
    const name = tableName(at, input.TableName);
    const table = existingTable(at, name);
    if (table.deletionProtection) {
      throw new AwsError(
        'ValidationException',
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      );
    }
    const engine = engineOf(at.kernel, at);
    return inTurn(at.kernel, engine, async () => {
      await run(engine, 'DeleteTable', { TableName: name });
      await tableReaches(engine, name, 'GONE');
      at.state.tables.delete(name);
      return { TableDescription: { ...table.description, TableStatus: 'DELETING' } };
    });
  },
};

export function describeTable(input: sdk.DescribeTableCommandInput, at: Here) {
  const { description, deletionProtection } = existingTable(at, tableName(at, input.TableName));
  return { Table: { ...description, DeletionProtectionEnabled: deletionProtection } };
}

export function listTables(input: sdk.ListTablesCommandInput, at: Here) {
  const names = [...at.state.tables.keys()].sort();
  const later = names.filter((name) => name > (input.ExclusiveStartTableName ?? ''));
  const page = later.slice(0, input.Limit ?? 100);
  return { TableNames: page, ...(page.length < later.length && { LastEvaluatedTableName: page.at(-1) }) };
}

export function updateContinuousBackups(input: sdk.UpdateContinuousBackupsCommandInput, at: Here) {
  const table = existingTable(at, tableName(at, input.TableName));
  const { PointInTimeRecoveryEnabled, RecoveryPeriodInDays = 35 } = input.PointInTimeRecoverySpecification!;
  table.recoveryDays = PointInTimeRecoveryEnabled ? RecoveryPeriodInDays : 0;
  table.recoverySince = PointInTimeRecoveryEnabled ? (table.recoverySince ?? at.kernel.clock.now()) : undefined;
  return describeContinuousBackups(input, at);
}

export function describeContinuousBackups(input: { readonly TableName: string | undefined }, at: Here) {
  const table = existingTable(at, tableName(at, input.TableName));
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED' as const,
      PointInTimeRecoveryDescription: recovery(table, at.kernel.clock.now()),
    },
  };
}

function recovery(table: Table, now: number): sdk.PointInTimeRecoveryDescription {
  if (table.recoverySince === undefined) return { PointInTimeRecoveryStatus: 'DISABLED' };
  const earliest = Math.max(table.recoverySince, now - table.recoveryDays * 86_400_000);
  return {
    PointInTimeRecoveryStatus: 'ENABLED',
    RecoveryPeriodInDays: table.recoveryDays,
    EarliestRestorableDateTime: new Date(earliest),
    LatestRestorableDateTime: new Date(now),
  };
}

const modelledMembers = [
  'TableName',
  'KeySchema',
  'AttributeDefinitions',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'SSESpecification',
  'DeletionProtectionEnabled',
  'TableClass',
  'Tags',
] as const;

/** dynalite's description, with what it makes up by itself (ARNs, ids, times) in the sandbox's own terms. */
function described(at: Here, input: sdk.CreateTableCommandInput, made: any): sdk.TableDescription {
  const arn = tableArn(at, input.TableName!);
  const indexes = (kind: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes') =>
    made[kind] && {
      [kind]: made[kind].map((index: any) => ({
        ...index,
        IndexArn: `${arn}/index/${index.IndexName}`,
        ...(index.IndexStatus && { IndexStatus: 'ACTIVE' }),
      })),
    };
  return {
    ...made,
    ...indexes('GlobalSecondaryIndexes'),
    ...indexes('LocalSecondaryIndexes'),
    TableArn: arn,
    TableId: at.kernel.uuid(),
    TableStatus: 'ACTIVE',
    CreationDateTime: new Date(at.kernel.clock.now()),
    ...(input.TableClass && { TableClassSummary: { TableClass: input.TableClass } }),
    ...(input.SSESpecification?.Enabled && { SSEDescription: encryption(at, input) }),
  };
}

function encryption(at: Here, input: sdk.CreateTableCommandInput): sdk.SSEDescription {
  const key = keyNeedsOf(input, at)[0]?.resource;
  return { Status: 'ENABLED', SSEType: 'KMS', ...(key && { KMSMasterKeyArn: key }) };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
function keyNeedsOf(input: sdk.CreateTableCommandInput, at: Here): readonly Need[] {
  const actions = ['kms:DescribeKey', 'kms:CreateGrant', 'kms:GenerateDataKey', 'kms:Decrypt'];
  const service = `dynamodb.${at.region}.amazonaws.com`;
  const context = keyContext(at, input.TableName!);
  return keyNeeds(at.kernel, at, input.SSESpecification?.KMSMasterKeyId, actions, service, context);
}
