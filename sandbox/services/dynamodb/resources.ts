/** AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable with one replica. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type At, AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { type DynamoDbState, existingTable } from './state.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const throughput = z.strictObject({ ReadCapacityUnits: z.coerce.number(), WriteCapacityUnits: z.coerce.number() });
const projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: projection,
  ProvisionedThroughput: throughput.optional(),
});
const recovery = z.strictObject({
  PointInTimeRecoveryEnabled: flag.optional(),
  RecoveryPeriodInDays: z.number().int().min(1).max(35).optional(),
});
const insights = z.strictObject({ Enabled: flag, Mode: z.string().optional() });
const tableClass = z.enum(['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
const onDemand = z.strictObject({
  MaxReadRequestUnits: z.number().optional(),
  MaxWriteRequestUnits: z.number().optional(),
});

const common = {
  TableName: z.string().optional(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  BillingMode: z.enum(['PROVISIONED', 'PAY_PER_REQUEST']).optional(),
  GlobalSecondaryIndexes: z.array(index).optional(),
  LocalSecondaryIndexes: z.array(index.omit({ ProvisionedThroughput: true })).optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: flag }).optional(),
};

const tableSchema = z.strictObject({
  ...common,
  ProvisionedThroughput: throughput.optional(),
  OnDemandThroughput: onDemand.optional(),
  PointInTimeRecoverySpecification: recovery.optional(),
  SSESpecification: z
    .strictObject({ SSEEnabled: flag, SSEType: z.literal('KMS').optional(), KMSMasterKeyId: z.string().optional() })
    .optional(),
  DeletionProtectionEnabled: flag.optional(),
  TableClass: tableClass.optional(),
  ContributorInsightsSpecification: insights.optional(),
  Tags: tagsSchema.optional(),
});

const replicaSchema = z.strictObject({
  Region: z.string(),
  PointInTimeRecoverySpecification: recovery.optional(),
  SSESpecification: z.strictObject({ KMSMasterKeyId: z.string() }).optional(),
  DeletionProtectionEnabled: flag.optional(),
  TableClass: tableClass.optional(),
  ContributorInsightsSpecification: insights.optional(),
  GlobalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: z.string(), ContributorInsightsSpecification: insights.optional() }))
    .optional(),
  Tags: tagsSchema.optional(),
});

const globalTableSchema = z.strictObject({
  ...common,
  SSESpecification: z.strictObject({ SSEEnabled: flag, SSEType: z.literal('KMS').optional() }).optional(),
  WriteOnDemandThroughputSettings: z.strictObject({ MaxWriteRequestUnits: z.number().optional() }).optional(),
  Replicas: z.array(replicaSchema),
});

type TableProperties = z.infer<typeof tableSchema>;
type Here = At<DynamoDbState>;
type Resource = { readonly logicalId: string; readonly stack: string };

const tableType = 'AWS::DynamoDB::Table';
const globalTableType = 'AWS::DynamoDB::GlobalTable';

export const dynamodbResources: Record<string, ResourceType<DynamoDbState>> = {
  [tableType]: {
    create: (given, at, resource) => create(parseProperties(tableType, tableSchema, given, resource), at, resource),
    update: (made, given, at, resource) => update(made, parseProperties(tableType, tableSchema, given, resource), at),
    remove: (made, at) => at.kernel.call(at.principal, at, 'dynamodb', 'DeleteTable', { TableName: made.ref }),
  },
  [globalTableType]: {
    create: (given, at, resource) => create(ofGlobalTable(given, at, resource), at, resource),
    update: (made, given, at, resource) => update(made, ofGlobalTable(given, at, resource), at),
    remove: (made, at) => at.kernel.call(at.principal, at, 'dynamodb', 'DeleteTable', { TableName: made.ref }),
  },
};

async function create(properties: TableProperties, at: Here, resource: Resource): Promise<CreatedResource> {
  const TableName = properties.TableName ?? physicalName(at.kernel, resource, '', 255);
  await call(at, 'CreateTable', {
    TableName,
    KeySchema: properties.KeySchema,
    AttributeDefinitions: properties.AttributeDefinitions,
    BillingMode: properties.BillingMode,
    ProvisionedThroughput: properties.ProvisionedThroughput,
    GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
    LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
    SSESpecification: encryption(properties),
    DeletionProtectionEnabled: properties.DeletionProtectionEnabled,
    TableClass: properties.TableClass,
    Tags: properties.Tags,
  });
  await settle(TableName, properties, at);
  const { TableArn, TableId } = existingTable(at, TableName).description;
  return { ref: TableName, attributes: { Arn: TableArn, TableId } };
}

/** Changes what AWS changes in place and the sandbox models: recovery, expiry, protection and tags. */
async function update(made: CreatedResource, properties: TableProperties, at: Here): Promise<CreatedResource> {
  const table = existingTable(at, made.ref);
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [], SSEDescription } = table.description;
  const indexNames = (indexes: readonly { IndexName?: string }[]) => indexes.map(({ IndexName }) => IndexName).sort();
  const same =
    isDeepStrictEqual(properties.KeySchema, KeySchema) &&
    isDeepStrictEqual(properties.AttributeDefinitions, AttributeDefinitions) &&
    isDeepStrictEqual(indexNames(properties.GlobalSecondaryIndexes ?? []), indexNames(GlobalSecondaryIndexes)) &&
    Boolean(encryption(properties)?.Enabled) === Boolean(SSEDescription) &&
    (properties.TableName ?? made.ref) === made.ref;
  if (!same) throw notModelled(`an update of keys, indexes, encryption or name of the table ${made.ref}`);
  table.deletionProtection = properties.DeletionProtectionEnabled ?? false;
  table.tags = Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  await settle(made.ref, properties, at);
  return made;
}

/** Brings expiry and recovery to what the properties say. */
async function settle(TableName: string, properties: TableProperties, at: Here): Promise<void> {
  const { timeToLive, recoveryDays } = existingTable(at, TableName);
  const expiry = properties.TimeToLiveSpecification;
  if ((expiry?.Enabled ?? false) !== Boolean(timeToLive)) {
    const AttributeName = expiry?.AttributeName ?? timeToLive?.attribute;
    const TimeToLiveSpecification = { AttributeName, Enabled: !timeToLive };
    await call(at, 'UpdateTimeToLive', { TableName, TimeToLiveSpecification });
  }
  const wanted = properties.PointInTimeRecoverySpecification ?? {};
  const days = wanted.PointInTimeRecoveryEnabled ? (wanted.RecoveryPeriodInDays ?? 35) : 0;
  if (days === recoveryDays) return;
  const PointInTimeRecoverySpecification = {
    PointInTimeRecoveryEnabled: days > 0,
    ...(days > 0 && { RecoveryPeriodInDays: days }),
  };
  await call(at, 'UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification });
}

function ofGlobalTable(given: unknown, at: Here, resource: Resource): TableProperties {
  const { Replicas, WriteOnDemandThroughputSettings, SSESpecification, ...properties } = parseProperties(
    globalTableType,
    globalTableSchema,
    given,
    resource,
  );
  const [replica, ...others] = Replicas;
  if (others.length > 0) throw notModelled('a global table with more than one replica');
  if (replica?.Region !== at.region) {
    throw new AwsError('ValidationError', `a replica must be in the Region of its stack, ${at.region}`);
  }
  const { Region, GlobalSecondaryIndexes, SSESpecification: key, ...own } = replica;
  const encrypted = SSESpecification && { ...SSESpecification, KMSMasterKeyId: key?.KMSMasterKeyId };
  return { ...properties, ...own, SSESpecification: encrypted };
}

function encryption({ SSESpecification: specification }: TableProperties) {
  if (!specification?.SSEEnabled) return undefined;
  return { Enabled: true, SSEType: 'KMS' as const, KMSMasterKeyId: specification.KMSMasterKeyId };
}

const call = (at: Here, operation: string, input: object) =>
  at.kernel.call(at.principal, at, 'dynamodb', operation, input);
