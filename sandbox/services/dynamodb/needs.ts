/**
 * What a caller must be allowed for an item operation.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html and
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { At, Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/index.ts';
import { type DynamoDbState, type Item, keyNames, tableArn, tableName } from './state.ts';

/** The members of the item operations' inputs that IAM's condition keys look at. */
export type ItemRequest = {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Item?: Item;
  readonly Key?: Item;
  /** The keys or items of a batch. */
  readonly Keys?: readonly Item[];
  readonly AttributesToGet?: readonly string[];
  readonly ProjectionExpression?: string;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly FilterExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly KeyConditions?: Readonly<Record<string, { AttributeValueList?: AttributeValue[] }>>;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly Select?: string;
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
};

/** The action on the table or index, and the key of the table, which DynamoDB decrypts on the caller's behalf. */
export function itemNeeds(
  at: At<DynamoDbState>,
  action: string,
  request: ItemRequest,
  enclosing?: 'TransactWriteItems' | 'TransactGetItems',
): Need[] {
  const name = tableName(at, request.TableName);
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

/** DynamoDB decrypts the table's own key with the customer managed key, as the caller, when items are accessed. */
function tableKeyNeeds(at: At<DynamoDbState>, name: string): readonly Need[] {
  const key = at.state.tables.get(name)?.description.SSEDescription?.KMSMasterKeyArn;
  return keyNeeds(at.kernel, at, key, ['kms:Decrypt'], `dynamodb.${at.region}.amazonaws.com`, keyContext(at, name));
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
export const keyContext = (at: At<DynamoDbState>, name: string) => ({
  'aws:dynamodb:tableName': name,
  'aws:dynamodb:subscriberId': at.account,
});

function leadingKeysOf(request: ItemRequest, partitionKey: string | undefined): string[] {
  if (partitionKey === undefined) return [];
  const items = [request.Item, request.Key, ...(request.Keys ?? [])];
  const values = items.map((item) => item?.[partitionKey]);
  values.push(request.KeyConditions?.[partitionKey]?.AttributeValueList?.[0], queriedKey(request, partitionKey));
  return [...new Set(values.filter((value) => value !== undefined).map(keyString))];
}

/** The value that `name = :value` of a key condition names for the partition key. */
function queriedKey(request: ItemRequest, partitionKey: string): AttributeValue | undefined {
  const equalities = (request.KeyConditionExpression ?? '').matchAll(/([\w#.-]+)\s*=\s*(:\w+)/g);
  const match = [...equalities].find(([, name]) => realName(request, name!) === partitionKey);
  return match && request.ExpressionAttributeValues?.[match[2]!];
}

function keyString(value: AttributeValue): string {
  return value.S ?? value.N ?? Buffer.from(value.B ?? []).toString('base64');
}

/** The top-level attributes that a request names. */
function attributesOf(request: ItemRequest): string[] {
  const expressions = [
    request.ProjectionExpression,
    request.ConditionExpression,
    request.UpdateExpression,
    request.FilterExpression,
    request.KeyConditionExpression,
  ];
  const named = expressions.flatMap((expression) => namesIn(expression ?? '')).map((name) => realName(request, name));
  const items = [request.Item, request.Key, ...(request.Keys ?? [])];
  return [
    ...new Set([...items.flatMap((item) => Object.keys(item ?? {})), ...(request.AttributesToGet ?? []), ...named]),
  ];
}

const keywords = new Set(['SET', 'REMOVE', 'ADD', 'DELETE', 'AND', 'OR', 'NOT', 'IN', 'BETWEEN']);

/** Names at the head of a document path: neither values, functions, keywords nor what follows a dot. */
function namesIn(expression: string): string[] {
  const names = [...expression.matchAll(/(?<![\w#:.])(#?[A-Za-z_]\w*)(?!\w|\s*\()/g)].map((match) => match[1]!);
  return names.filter((name) => !keywords.has(name.toUpperCase()));
}

const realName = (request: ItemRequest, name: string) => request.ExpressionAttributeNames?.[name] ?? name;
