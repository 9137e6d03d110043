import { type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AnnouncementLog } from '../ports/announcement-log.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, itemKey, numberAttribute, numberFrom } from './ledger-items.ts';

/** The sort key is the kind of announcement. */
export const ANNOUNCEMENTS = 'announcements';

export function dynamoAnnouncementLog(
  table: string,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now,
): AnnouncementLog {
  async function addWithheld(kind: string, count: number): Promise<void> {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: itemKey(ANNOUNCEMENTS, kind),
        UpdateExpression: 'ADD withheld :count',
        ExpressionAttributeValues: { ':count': numberAttribute(count) },
      }),
    );
  }

  return {
    async isFirst(kind, quietMs, eventId) {
      const until = now() + quietMs;
      const isFirst = await conditionHeld(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: itemKey(ANNOUNCEMENTS, kind),
            UpdateExpression: 'SET #until = :until, expires = :expires, eventId = :eventId',
            ConditionExpression: 'attribute_not_exists(pk) OR #until < :now OR eventId = :eventId',
            ExpressionAttributeNames: { '#until': 'until' },
            ExpressionAttributeValues: {
              ':until': numberAttribute(until),
              ':now': numberAttribute(now()),
              ':eventId': { S: eventId },
              ':expires': numberAttribute(Math.floor(until / 1000) + 86_400),
            },
          }),
        ),
      );
      if (!isFirst) await addWithheld(kind, 1);
      return isFirst;
    },

    async withheld() {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: 'withheld > :zero',
          ExpressionAttributeValues: { ':pk': { S: ANNOUNCEMENTS }, ':zero': numberAttribute(0) },
        }),
      );
      return Items.map(({ sk, withheld }) => ({ kind: sk!.S!, count: numberFrom(withheld)! }));
    },

    subtract: ({ kind, count }) => addWithheld(kind, -count),
  };
}
