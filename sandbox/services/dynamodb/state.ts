import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { toWire } from './engine.ts';

export type Item = Record<string, AttributeValue>;

/** What is known of a table besides its items, which dynalite holds. */
export type Table = {
  readonly description: TableDescription;
  timeToLive?: { readonly attribute: string; sweptAt: number };
  /** Days of point-in-time recovery; 0: disabled. */
  recoveryDays: number;
  recoverySince?: number;
  deletionProtection: boolean;
  tags: Record<string, string>;
};

export type DynamoDbState = {
  readonly tables: Map<string, Table>;
  /** ClientRequestTokens of transactions that succeeded. */
  readonly tokens: Map<string, { readonly request: string; readonly at: number }>;
};

/** The name of a table given by name or ARN. Tables of other accounts or Regions would need resource policies: not modelled. */
export function tableName(at: At<DynamoDbState>, nameOrArn: string | undefined): string {
  if (!nameOrArn?.startsWith('arn:')) return nameOrArn ?? '';
  const [, , , region, account, resource] = nameOrArn.split(':');
  if (region !== at.region || account !== at.account)
    throw notModelled(`DynamoDB across accounts or Regions (${nameOrArn})`);
  return resource!.split('/')[1]!;
}

export const tableArn = (at: At<DynamoDbState>, name: string) =>
  `arn:${at.partition}:dynamodb:${at.region}:${at.account}:table/${name}`;

/** @throws ResourceNotFoundException */
export function existingTable(at: At<DynamoDbState>, name: string): Table {
  const table = at.state.tables.get(name);
  if (table) return table;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

/** The names of the partition key and, where there is one, the sort key of a table or of its index. */
export function keyNames(table: Table | undefined, indexName?: string): string[] {
  const { KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table?.description ?? {};
  const index = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].find((each) => each.IndexName === indexName);
  return ((indexName ? index?.KeySchema : KeySchema) ?? []).map(({ AttributeName }) => AttributeName!);
}

export const keyOf = (table: Table, item: Item): Item =>
  Object.fromEntries(keyNames(table).map((name) => [name, item[name]!]));

/** Equal for equal keys of a table. */
export const keyText = (table: Table, item: Item): string => JSON.stringify(toWire(keyOf(table, item)));
