import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { OWNER_MESSAGES, seriesKey } from '../domain/message-series.ts';
import type { OwnerMessageLog, SentOwnerMessage } from '../ports/owner-message-log.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, itemKey, numberAttribute } from './ledger-items.ts';

const WATERMARK = 'watermark';
/** Longer than the function runs, and shorter than the time between its runs. */
const CLAIM_MS = 15 * 60_000;
const KEPT_SECONDS = 400 * 86_400;

export function dynamoOwnerMessageLog(
  table: string,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now,
): OwnerMessageLog {
  const expires = () => numberAttribute(Math.floor(now() / 1000) + KEPT_SECONDS);
  return {
    sent: () => sentMessages(table, client),

    claim: ({ place, kind }, day) =>
      conditionHeld(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: itemKey(OWNER_MESSAGES, seriesKey(place, kind)),
            UpdateExpression: 'SET claimedAt = :now, expires = :expires',
            ConditionExpression:
              '(attribute_not_exists(sentDay) OR sentDay <> :day) AND (attribute_not_exists(claimedAt) OR claimedAt < :stale)',
            ExpressionAttributeValues: {
              ':now': numberAttribute(now()),
              ':stale': numberAttribute(now() - CLAIM_MS),
              ':day': { S: day },
              ':expires': expires(),
            },
          }),
        ),
      ),

    async finish({ place, kind }, { day, until }) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(OWNER_MESSAGES, seriesKey(place, kind)),
          UpdateExpression: 'SET sentDay = :day, toldUntil = :until, expires = :expires REMOVE claimedAt',
          ExpressionAttributeValues: { ':day': { S: day }, ':until': { S: until }, ':expires': expires() },
        }),
      );
    },

    async watermark() {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: itemKey(OWNER_MESSAGES, WATERMARK), ConsistentRead: true }),
      );
      return Item?.at?.S;
    },

    async moveWatermark(to) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(OWNER_MESSAGES, WATERMARK),
          UpdateExpression: 'SET #at = :at',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: { ':at': { S: to } },
        }),
      );
    },
  };
}

async function sentMessages(table: string, client: DynamoDBClient): Promise<Map<string, SentOwnerMessage>> {
  const found = new Map<string, SentOwnerMessage>();
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: OWNER_MESSAGES } },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    for (const { sk, sentDay, toldUntil } of page.Items ?? [])
      if (sentDay?.S && toldUntil?.S) found.set(sk!.S!, { day: sentDay.S, until: toldUntil.S });
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found;
}
