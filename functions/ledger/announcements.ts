/** What people were told lately, in the ledger, so that a flood of the same news is one message and a count. */
import { type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoDb } from './dynamodb.ts';
import { held, key, number, numberIn } from './ledger-items.ts';

/** Partition of all of them; the sort key is the kind of news. */
export const TOLD = 'told';

/** News of a kind that nobody was told of, since the message before. */
export type Untold = { readonly kind: string; readonly count: number };

export type Told = {
  /** True for the first of this kind in so many milliseconds; any other is counted. */
  first(kind: string, milliseconds: number): Promise<boolean>;
  untold(): Promise<Untold[]>;
  /** Takes these off the count. */
  tell(untold: Untold): Promise<void>;
};

export function dynamoTold(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Told {
  return {
    async first(kind, milliseconds) {
      const until = now() + milliseconds;
      const isFirst = await held(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: key(TOLD, kind),
            UpdateExpression: 'SET #until = :until, expires = :expires',
            ConditionExpression: 'attribute_not_exists(pk) OR #until < :now',
            ExpressionAttributeNames: { '#until': 'until' },
            ExpressionAttributeValues: {
              ':until': number(until),
              ':now': number(now()),
              ':expires': number(Math.floor(until / 1000) + 86_400),
            },
          }),
        ),
      );
      if (isFirst) return true;
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(TOLD, kind),
          UpdateExpression: 'ADD untold :one',
          ExpressionAttributeValues: { ':one': number(1) },
        }),
      );
      return false;
    },

    async untold() {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: 'untold > :none',
          ExpressionAttributeValues: { ':pk': { S: TOLD }, ':none': number(0) },
        }),
      );
      return Items.map(({ sk, untold }) => ({ kind: sk!.S!, count: numberIn(untold)! }));
    },

    async tell({ kind, count }) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(TOLD, kind),
          UpdateExpression: 'ADD untold :told',
          ExpressionAttributeValues: { ':told': number(-count) },
        }),
      );
    },
  };
}
