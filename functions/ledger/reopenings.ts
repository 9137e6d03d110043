/** How often a finding was taken back to NEW though it was fixed, in its record. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CHANGED_AT, findingKey, RECORD, STILL_FAILING } from '../domain/ledger.ts';
import { dynamoDb } from './dynamodb.ts';
import { updating } from './ledger.ts';
import { held, type Item, key, number } from './ledger-items.ts';
import type { Recorded } from './ledger-queries.ts';

export type Reopenings = {
  /** Counts one, unless the finding has been dealt with since the record was read. */
  count(record: Recorded, times: number, now: number): Promise<boolean>;
  /** Leaves it to a person, under the error StillFailing, with the same condition. */
  giveUp(record: Recorded, times: number, now: number): Promise<boolean>;
};

export function dynamoReopenings(table: string, client: DynamoDBClient = dynamoDb()): Reopenings {
  const change = ({ findingId, changedAt }: Recorded, item: Item) => {
    const update = updating(item, []);
    return held(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(findingKey(findingId), RECORD),
          UpdateExpression: update.expression,
          ConditionExpression: '#seen = :seen',
          ExpressionAttributeNames: { ...update.names, '#seen': CHANGED_AT },
          ExpressionAttributeValues: { ...update.values, ':seen': { S: changedAt } },
        }),
      ),
    );
  };
  return {
    count: (record, times, now) =>
      change(record, { reopened: number(times), reopenedAt: { S: new Date(now).toISOString() } }),
    giveUp: (record, times, now) =>
      change(record, {
        ofStatus: { S: 'FAILED' },
        changedAt: { S: new Date(now).toISOString() },
        error: { S: STILL_FAILING },
        reason: { S: `It still fails though it was fixed, and taken back to NEW ${times} times.` },
      }),
  };
}
