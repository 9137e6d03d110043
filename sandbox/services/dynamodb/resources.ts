import { isDeepStrictEqual } from 'node:util';
import type { Projection, TableDescription } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceName, type ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { type DynamoDbAt, type DynamoDbState, existingTable } from './state.ts';
import { describeTable } from './tables.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const throughputSchema = z.strictObject({
  ReadCapacityUnits: z.coerce.number(),
  WriteCapacityUnits: z.coerce.number(),
});
const projectionSchema = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const indexSchema = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: projectionSchema,
  ProvisionedThroughput: throughputSchema.optional(),
});
const recoverySchema = z.strictObject({
  PointInTimeRecoveryEnabled: flag.optional(),
  RecoveryPeriodInDays: z.number().int().min(1).max(35).optional(),
});
const insightsSchema = z.strictObject({ Enabled: flag, Mode: z.string().optional() });
const streamSchema = z.strictObject({
  StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']),
});
const tableClassSchema = z.enum(['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
const onDemandSchema = z.strictObject({
  MaxReadRequestUnits: z.number().optional(),
  MaxWriteRequestUnits: z.number().optional(),
});

const commonProperties = {
  TableName: z.string().optional(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  BillingMode: z.enum(['PROVISIONED', 'PAY_PER_REQUEST']).optional(),
  GlobalSecondaryIndexes: z.array(indexSchema).optional(),
  LocalSecondaryIndexes: z.array(indexSchema.omit({ ProvisionedThroughput: true })).optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: flag }).optional(),
};

const tableSchema = z.strictObject({
  ...commonProperties,
  ProvisionedThroughput: throughputSchema.optional(),
  OnDemandThroughput: onDemandSchema.optional(),
  PointInTimeRecoverySpecification: recoverySchema.optional(),
  SSESpecification: z
    .strictObject({ SSEEnabled: flag, SSEType: z.literal('KMS').optional(), KMSMasterKeyId: z.string().optional() })
    .optional(),
  DeletionProtectionEnabled: flag.optional(),
  TableClass: tableClassSchema.optional(),
  ContributorInsightsSpecification: insightsSchema.optional(),
  StreamSpecification: streamSchema.optional(),
  Tags: tagsSchema.optional(),
});

const replicaSchema = z.strictObject({
  Region: z.string(),
  PointInTimeRecoverySpecification: recoverySchema.optional(),
  SSESpecification: z.strictObject({ KMSMasterKeyId: z.string() }).optional(),
  DeletionProtectionEnabled: flag.optional(),
  TableClass: tableClassSchema.optional(),
  ContributorInsightsSpecification: insightsSchema.optional(),
  GlobalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: z.string(), ContributorInsightsSpecification: insightsSchema.optional() }))
    .optional(),
  Tags: tagsSchema.optional(),
});

const globalTableSchema = z.strictObject({
  ...commonProperties,
  SSESpecification: z.strictObject({ SSEEnabled: flag, SSEType: z.literal('KMS').optional() }).optional(),
  WriteOnDemandThroughputSettings: z.strictObject({ MaxWriteRequestUnits: z.number().optional() }).optional(),
  Replicas: z.array(replicaSchema),
});

type TableProperties = z.infer<typeof tableSchema>;
const TABLE_TYPE = 'AWS::DynamoDB::Table';
const GLOBAL_TABLE_TYPE = 'AWS::DynamoDB::GlobalTable';

export const dynamodbResources: Record<string, ResourceType<DynamoDbState>> = {
  [TABLE_TYPE]: {
    adopt: ({ TableName = '' }, at) =>
      at.state.tables.has(TableName) ? { ref: TableName, attributes: attributesOf(at, TableName) } : undefined,
    create: (properties, at, resource) =>
      createTable(parseProperties(TABLE_TYPE, tableSchema, properties, resource), at, resource),
    update: (existing, properties, at, resource) =>
      updateTable(existing, parseProperties(TABLE_TYPE, tableSchema, properties, resource), at),
    remove: (existing, at) => at.kernel.call(at.principal, at, 'dynamodb', 'DeleteTable', { TableName: existing.ref }),
  },
  [GLOBAL_TABLE_TYPE]: {
    create: (properties, at, resource) => createTable(fromGlobalTable(properties, at, resource), at, resource),
    update: (existing, properties, at, resource) =>
      updateTable(existing, fromGlobalTable(properties, at, resource), at),
    remove: (existing, at) => at.kernel.call(at.principal, at, 'dynamodb', 'DeleteTable', { TableName: existing.ref }),
  },
};

async function createTable(
  properties: TableProperties,
  at: DynamoDbAt,
  resource: ResourceName,
): Promise<CreatedResource> {
  const TableName = properties.TableName ?? physicalName(at.kernel, resource, '', 255);
  await call(at, 'CreateTable', {
    TableName,
    KeySchema: properties.KeySchema,
    AttributeDefinitions: properties.AttributeDefinitions,
    BillingMode: properties.BillingMode,
    ProvisionedThroughput: properties.ProvisionedThroughput,
    GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
    LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
    SSESpecification: encryptionSettings(properties),
    DeletionProtectionEnabled: properties.DeletionProtectionEnabled,
    TableClass: properties.TableClass,
    Tags: properties.Tags,
  });
  await applySettings(TableName, properties, at);
  return { ref: TableName, attributes: attributesOf(at, TableName) };
}

/**
 * The sandbox models updates of an index, point-in-time recovery, time to live, streams, deletion protection and tags
 * only.
 */
async function updateTable(
  existing: CreatedResource,
  properties: TableProperties,
  at: DynamoDbAt,
): Promise<CreatedResource> {
  const table = existingTable(at, existing.ref);
  const { KeySchema, SSEDescription } = table.description;
  const isUnchanged =
    isDeepStrictEqual(properties.KeySchema, KeySchema) &&
    Boolean(encryptionSettings(properties)?.Enabled) === Boolean(SSEDescription) &&
    (properties.TableName ?? existing.ref) === existing.ref;
  if (!isUnchanged) throw notModelled(`an update of keys, encryption or name of the table ${existing.ref}`);
  await updateIndexes(existing.ref, table.description, properties, at);
  table.deletionProtection = properties.DeletionProtectionEnabled ?? false;
  table.tags = Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  await applySettings(existing.ref, properties, at);
  return { ...existing, attributes: attributesOf(at, existing.ref) };
}

/**
 * Does not wait until DynamoDB has filled the index.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
 */
async function updateIndexes(
  TableName: string,
  { GlobalSecondaryIndexes: present = [] }: TableDescription,
  { GlobalSecondaryIndexes: wanted = [], AttributeDefinitions }: TableProperties,
  at: DynamoDbAt,
): Promise<void> {
  const nameOf = ({ IndexName }: { readonly IndexName?: string | undefined }) => IndexName;
  const presentNames = new Set(present.map(nameOf));
  const wantedNames = new Set(wanted.map(nameOf));
  const changed = wanted.filter((index) => {
    const { KeySchema, Projection } = present.find((each) => nameOf(each) === nameOf(index)) ?? index;
    return !isDeepStrictEqual(index.KeySchema, KeySchema) || !sameProjection(index.Projection, Projection);
  });
  if (changed.length > 0) throw notModelled(`an update of the indexes ${changed.map(nameOf).join(', ')}`);
  const updates = [
    ...wanted.filter((index) => !presentNames.has(nameOf(index))).map((Create) => ({ Create })),
    ...present.filter((index) => !wantedNames.has(nameOf(index))).map(({ IndexName }) => ({ Delete: { IndexName } })),
  ];
  if (updates.length > 1)
    throw new AwsError('InvalidRequest', 'Cannot perform more than one GSI creation or deletion in a single update');
  if (updates.length === 0) return;
  await call(at, 'UpdateTable', { TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: updates });
}

const sameProjection = (one: Projection | undefined, other: Projection | undefined): boolean =>
  one?.ProjectionType === other?.ProjectionType &&
  isDeepStrictEqual(new Set(one?.NonKeyAttributes ?? []), new Set(other?.NonKeyAttributes ?? []));

function attributesOf(at: DynamoDbAt, name: string): CreatedResource['attributes'] {
  const { description, streamArn } = existingTable(at, name);
  const { TableArn, TableId } = description;
  return { Arn: TableArn, TableId, ...(streamArn && { StreamArn: streamArn }) };
}

async function applySettings(TableName: string, properties: TableProperties, at: DynamoDbAt): Promise<void> {
  const { timeToLive, recoveryDays } = existingTable(at, TableName);
  const expiry = properties.TimeToLiveSpecification;
  if ((expiry?.Enabled ?? false) !== Boolean(timeToLive)) {
    const AttributeName = expiry?.AttributeName ?? timeToLive?.attribute;
    const TimeToLiveSpecification = { AttributeName, Enabled: !timeToLive };
    await call(at, 'UpdateTimeToLive', { TableName, TimeToLiveSpecification });
  }
  await applyStream(TableName, properties, at);
  const recoverySettings = properties.PointInTimeRecoverySpecification ?? {};
  const days = recoverySettings.PointInTimeRecoveryEnabled ? (recoverySettings.RecoveryPeriodInDays ?? 35) : 0;
  if (days === recoveryDays) return;
  const PointInTimeRecoverySpecification = {
    PointInTimeRecoveryEnabled: days > 0,
    ...(days > 0 && { RecoveryPeriodInDays: days }),
  };
  await call(at, 'UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification });
}

/** A stream of another kind replaces the current one. */
async function applyStream(TableName: string, { StreamSpecification }: TableProperties, at: DynamoDbAt): Promise<void> {
  const { Table } = describeTable({ TableName }, at);
  const current = Table.StreamSpecification?.StreamViewType;
  const wanted = StreamSpecification?.StreamViewType;
  if (current === wanted) return;
  const update = (specification: object) => call(at, 'UpdateTable', { TableName, StreamSpecification: specification });
  if (current) await update({ StreamEnabled: false });
  if (wanted) await update({ StreamEnabled: true, StreamViewType: wanted });
}

function fromGlobalTable(globalProperties: unknown, at: DynamoDbAt, resource: ResourceName): TableProperties {
  const { Replicas, WriteOnDemandThroughputSettings, SSESpecification, ...properties } = parseProperties(
    GLOBAL_TABLE_TYPE,
    globalTableSchema,
    globalProperties,
    resource,
  );
  const [replica, ...others] = Replicas;
  if (others.length > 0) throw notModelled('a global table with more than one replica');
  if (replica?.Region !== at.region)
    throw new AwsError('ValidationError', `a replica must be in the Region of its stack, ${at.region}`);
  const { Region, GlobalSecondaryIndexes, SSESpecification: key, ...replicaProperties } = replica;
  const encrypted = SSESpecification && { ...SSESpecification, KMSMasterKeyId: key?.KMSMasterKeyId };
  return { ...properties, ...replicaProperties, SSESpecification: encrypted };
}

function encryptionSettings({ SSESpecification: specification }: TableProperties) {
  if (!specification?.SSEEnabled) return undefined;
  return { Enabled: true, SSEType: 'KMS' as const, KMSMasterKeyId: specification.KMSMasterKeyId };
}

const call = (at: DynamoDbAt, operation: string, input: object) =>
  at.kernel.call(at.principal, at, 'dynamodb', operation, input);
