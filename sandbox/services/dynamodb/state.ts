import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import { type At, AwsError } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';
import { parseArn } from '../arn.ts';
import { notModelled } from '../requests.ts';
import { requireConstraints, tableNameFailures } from './constraints.ts';
import { toWire } from './dynalite.ts';

export type DynamoDbItem = Record<string, AttributeValue>;

/** Dynalite stores the items. */
export type DynamoDbTable = {
  readonly description: TableDescription;
  timeToLive?: { readonly attribute: string; sweptAt: number };
  /** 0: point-in-time recovery is disabled. */
  recoveryDays: number;
  recoverySince?: number;
  deletionProtection: boolean;
  tags: Record<string, string>;
  /** The number of writes to its items so far. */
  itemWrites: number;
  /** By name of an index that was created or deleted after the table: when that change ends. */
  readonly indexChangeEndsAt: Map<string, number>;
  /** ARN of its newest stream, which may be disabled. */
  streamArn?: string;
};

export type DynamoDbState = {
  readonly tables: Map<string, DynamoDbTable>;
  readonly tokens: Map<string, { readonly request: string; readonly at: number }>;
};
export type DynamoDbAt = At<DynamoDbState>;

export const DYNAMODB: StateKey<DynamoDbState> = {
  name: 'dynamodb',
  scope: 'region',
  state: () => ({ tables: new Map(), tokens: new Map() }),
};

/**
 * Accepts a name or an ARN.
 * @throws AwsError for a table of another account or Region
 */
export function resolveTableName(at: DynamoDbAt, nameOrArn: string | undefined): string {
  if (!nameOrArn?.startsWith('arn:')) return nameOrArn ?? '';
  const { region, account, resource } = parseArn(nameOrArn);
  if (region !== at.region || account !== at.account)
    throw notModelled(`DynamoDB across accounts or Regions (${nameOrArn})`);
  return resource.split('/')[1]!;
}

export const tableArn = (at: DynamoDbAt, name: string) =>
  `arn:${at.partition}:dynamodb:${at.region}:${at.account}:table/${name}`;

export function existingTable(at: DynamoDbAt, name: string): DynamoDbTable {
  const table = at.state.tables.get(name);
  if (table) return table;
  requireConstraints(tableNameFailures(name));
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

export function keyNames(table: DynamoDbTable | undefined, indexName?: string): string[] {
  const { KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table?.description ?? {};
  const index = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].find((each) => each.IndexName === indexName);
  return ((indexName ? index?.KeySchema : KeySchema) ?? []).map(({ AttributeName }) => AttributeName!);
}

export const keyOfItem = (table: DynamoDbTable, item: DynamoDbItem): DynamoDbItem =>
  Object.fromEntries(keyNames(table).map((name) => [name, item[name]!]));

export const itemKeyText = (table: DynamoDbTable, item: DynamoDbItem): string =>
  JSON.stringify(toWire(keyOfItem(table, item)));
