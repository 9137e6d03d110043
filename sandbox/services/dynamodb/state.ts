import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import { type At, AwsError } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';
import { parseArn } from '../arn.ts';
import { notModelled } from '../requests.ts';
import { toWire } from './dynalite.ts';

export type DynamoDbItem = Record<string, AttributeValue>;

/** A table without its items, which dynalite stores. */
export type DynamoDbTable = {
  readonly description: TableDescription;
  timeToLive?: { readonly attribute: string; sweptAt: number };
  /** Days of point-in-time recovery; 0: disabled. */
  recoveryDays: number;
  recoverySince?: number;
  deletionProtection: boolean;
  tags: Record<string, string>;
};

export type DynamoDbState = {
  readonly tables: Map<string, DynamoDbTable>;
  /** ClientRequestTokens of transactions that succeeded. */
  readonly tokens: Map<string, { readonly request: string; readonly at: number }>;
};
export type DynamoDbAt = At<DynamoDbState>;

export const DYNAMODB: StateKey<DynamoDbState> = {
  name: 'dynamodb',
  scope: 'region',
  state: () => ({ tables: new Map(), tokens: new Map() }),
};

/** Returns the name of a table, which requests give as a name or an ARN. @throws AwsError for a table of another account or Region */
export function resolveTableName(at: DynamoDbAt, nameOrArn: string | undefined): string {
  if (!nameOrArn?.startsWith('arn:')) return nameOrArn ?? '';
  const { region, account, resource } = parseArn(nameOrArn);
  if (region !== at.region || account !== at.account)
    throw notModelled(`DynamoDB across accounts or Regions (${nameOrArn})`);
  return resource.split('/')[1]!;
}

export const tableArn = (at: DynamoDbAt, name: string) =>
  `arn:${at.partition}:dynamodb:${at.region}:${at.account}:table/${name}`;

/** @throws ResourceNotFoundException */
export function existingTable(at: DynamoDbAt, name: string): DynamoDbTable {
  const table = at.state.tables.get(name);
  if (table) return table;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

/** Returns the names of the partition key and of the sort key, if there is one, of a table or an index. */
export function keyNames(table: DynamoDbTable | undefined, indexName?: string): string[] {
  const { KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table?.description ?? {};
  const index = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].find((each) => each.IndexName === indexName);
  return ((indexName ? index?.KeySchema : KeySchema) ?? []).map(({ AttributeName }) => AttributeName!);
}

export const keyOfItem = (table: DynamoDbTable, item: DynamoDbItem): DynamoDbItem =>
  Object.fromEntries(keyNames(table).map((name) => [name, item[name]!]));

/** Returns a text that is equal for equal keys of a table. */
export const itemKeyText = (table: DynamoDbTable, item: DynamoDbItem): string =>
  JSON.stringify(toWire(keyOfItem(table, item)));
