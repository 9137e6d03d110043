/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html and
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { type DynamoDbAt, type DynamoDbItem, keyNames, resolveTableName, tableArn } from './state.ts';

/** The members of item operations that IAM's condition keys depend on. */
export type ItemRequest = {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Item?: DynamoDbItem;
  readonly Key?: DynamoDbItem;
  readonly Keys?: readonly DynamoDbItem[];
  readonly AttributesToGet?: readonly string[];
  readonly ProjectionExpression?: string;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly FilterExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly KeyConditions?: Readonly<Record<string, { AttributeValueList?: AttributeValue[] }>>;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: DynamoDbItem;
  readonly Select?: string;
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
};

/** Returns the needs on the table or index, and on the table's KMS key, which DynamoDB uses on the caller's behalf. */
export function itemNeeds(
  at: DynamoDbAt,
  action: string,
  request: ItemRequest,
  enclosing?: 'TransactWriteItems' | 'TransactGetItems',
): Need[] {
  const name = resolveTableName(at, request.TableName);
  const table = at.state.tables.get(name);
  const arn = tableArn(at, name);
  const leadingKeys = leadingKeysOf(request, keyNames(table, request.IndexName)[0]);
  const attributes = attributesOf(request);
  const context = {
    ...(leadingKeys.length > 0 && { 'dynamodb:LeadingKeys': leadingKeys }),
    ...(attributes.length > 0 && { 'dynamodb:Attributes': attributes }),
    ...(request.Select && { 'dynamodb:Select': request.Select }),
    ...(request.ReturnValues && { 'dynamodb:ReturnValues': request.ReturnValues }),
    ...(request.ReturnConsumedCapacity && { 'dynamodb:ReturnConsumedCapacity': request.ReturnConsumedCapacity }),
    ...(enclosing && { 'dynamodb:EnclosingOperation': enclosing }),
  };
  const resource = request.IndexName ? `${arn}/index/${request.IndexName}` : arn;
  return [{ action: `dynamodb:${action}`, resource, context, resourceTags: table?.tags }, ...tableKeyNeeds(at, name)];
}

/** At each access to items, DynamoDB decrypts the table's data key with the customer managed key, as the caller. */
export function tableKeyNeeds(at: DynamoDbAt, name: string): readonly Need[] {
  const key = at.state.tables.get(name)?.description.SSEDescription?.KMSMasterKeyArn;
  return keyNeeds(
    at.kernel,
    at,
    key,
    ['kms:Decrypt'],
    `dynamodb.${at.region}.amazonaws.com`,
    tableKeyContext(at, name),
  );
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
export const tableKeyContext = (at: DynamoDbAt, name: string) => ({
  'aws:dynamodb:tableName': name,
  'aws:dynamodb:subscriberId': at.account,
});

function leadingKeysOf(request: ItemRequest, partitionKey: string | undefined): string[] {
  if (partitionKey === undefined) return [];
  const items = [request.Item, request.Key, ...(request.Keys ?? [])];
  const values = items.map((item) => item?.[partitionKey]);
  values.push(request.KeyConditions?.[partitionKey]?.AttributeValueList?.[0], queriedKeyValue(request, partitionKey));
  return [...new Set(values.filter((value) => value !== undefined).map(keyString))];
}

function queriedKeyValue(request: ItemRequest, partitionKey: string): AttributeValue | undefined {
  const equalities = (request.KeyConditionExpression ?? '').matchAll(/([\w#.-]+)\s*=\s*(:\w+)/g);
  const match = [...equalities].find(([, name]) => realName(request, name!) === partitionKey);
  return match && request.ExpressionAttributeValues?.[match[2]!];
}

function keyString(value: AttributeValue): string {
  return value.S ?? value.N ?? Buffer.from(value.B ?? []).toString('base64');
}

function attributesOf(request: ItemRequest): string[] {
  const expressions = [
    request.ProjectionExpression,
    request.ConditionExpression,
    request.UpdateExpression,
    request.FilterExpression,
    request.KeyConditionExpression,
  ];
  const expressionNames = expressions
    .flatMap((expression) => namesIn(expression ?? ''))
    .map((name) => realName(request, name));
  const items = [request.Item, request.Key, ...(request.Keys ?? [])];
  return [
    ...new Set([
      ...items.flatMap((item) => Object.keys(item ?? {})),
      ...(request.AttributesToGet ?? []),
      ...expressionNames,
    ]),
  ];
}

const KEYWORDS = new Set(['SET', 'REMOVE', 'ADD', 'DELETE', 'AND', 'OR', 'NOT', 'IN', 'BETWEEN']);

/** Returns the first names of document paths, without values, functions and keywords. */
function namesIn(expression: string): string[] {
  const names = [...expression.matchAll(/(?<![\w#:.])(#?[A-Za-z_]\w*)(?!\w|\s*\()/g)].map((match) => match[1]!);
  return names.filter((name) => !KEYWORDS.has(name.toUpperCase()));
}

const realName = (request: ItemRequest, name: string) => request.ExpressionAttributeNames?.[name] ?? name;
