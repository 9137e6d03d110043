/** Up to which moment a scheduled function has done its work, in the ledger. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { key, number, numberIn } from './ledger-items.ts';

/** Partition of all of them. */
export const WATERMARKS = 'watermarks';

export type Watermark = {
  /** Milliseconds since 1970; 0 before the first run. */
  read(): Promise<number>;
  write(at: number): Promise<void>;
};

export const watermark = (table: string, name: string, client: DynamoDBClient): Watermark => ({
  async read() {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: key(WATERMARKS, name), ConsistentRead: true }),
    );
    return numberIn(Item?.until) ?? 0;
  },
  async write(at) {
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key(WATERMARKS, name), until: number(at) } }));
  },
});
