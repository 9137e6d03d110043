import type * as sdk from '@aws-sdk/client-dynamodb';
import type { Need } from '../../kernel/kernel.ts';
import { type DynamoDbAt, existingTable, resolveTableName } from './state.ts';
import { tableNeeds } from './tables.ts';

type OfResource = { readonly ResourceArn: string | undefined };

const tableIn = ({ ResourceArn }: OfResource, at: DynamoDbAt) => existingTable(at, resolveTableName(at, ResourceArn));

export const tableTagNeeds =
  (action: string) =>
  (input: OfResource & { readonly Tags?: sdk.Tag[]; readonly TagKeys?: string[] }, at: DynamoDbAt): Need[] => {
    const requested = (input.Tags ?? []).map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value ?? '']);
    const keys = input.TagKeys ?? (input.Tags ?? []).map(({ Key }) => Key ?? '');
    const context = { ...Object.fromEntries(requested), ...(keys.length > 0 && { 'aws:TagKeys': keys }) };
    return tableNeeds(action)({ TableName: input.ResourceArn }, at).map((need) => ({ ...need, context }));
  };

export const listTagsOfResource = (input: OfResource, at: DynamoDbAt) => ({
  Tags: Object.entries(tableIn(input, at).tags).map(([Key, Value]) => ({ Key, Value })),
});

export function tagResource(input: sdk.TagResourceCommandInput, at: DynamoDbAt) {
  const table = tableIn(input, at);
  table.tags = { ...table.tags, ...Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key!, Value!])) };
  return {};
}

export function untagResource(input: sdk.UntagResourceCommandInput, at: DynamoDbAt) {
  const table = tableIn(input, at);
  table.tags = Object.fromEntries(Object.entries(table.tags).filter(([key]) => !input.TagKeys?.includes(key)));
  return {};
}
