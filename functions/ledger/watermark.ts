import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Watermark } from '../ports/watermark.ts';
import { itemKey, numberAttribute, numberFrom } from './ledger-items.ts';

export const WATERMARKS = 'watermarks';

export const dynamoWatermark = (table: string, name: string, client: DynamoDBClient): Watermark => ({
  async read() {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: itemKey(WATERMARKS, name), ConsistentRead: true }),
    );
    return numberFrom(Item?.until) ?? 0;
  },
  async write(at) {
    await client.send(
      new PutItemCommand({ TableName: table, Item: { ...itemKey(WATERMARKS, name), until: numberAttribute(at) } }),
    );
  },
});
