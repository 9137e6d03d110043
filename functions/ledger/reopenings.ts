import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CHANGED_AT, findingKey, RECORD, STILL_FAILING } from '../domain/ledger.ts';
import type { LedgerRecord } from '../ports/ledger-queries.ts';
import type { Reopenings } from '../ports/reopenings.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, type DynamoItem, itemKey, numberAttribute, updateExpression } from './ledger-items.ts';

export function dynamoReopenings(table: string, client: DynamoDBClient = dynamoDb()): Reopenings {
  const change = ({ findingId, changedAt }: LedgerRecord, item: DynamoItem) => {
    const update = updateExpression(item, []);
    return conditionHeld(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(findingKey(findingId), RECORD),
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
      change(record, { reopened: numberAttribute(times), reopenedAt: { S: new Date(now).toISOString() } }),
    giveUp: (record, times, now) =>
      change(record, {
        ofStatus: { S: 'FAILED' },
        changedAt: { S: new Date(now).toISOString() },
        error: { S: STILL_FAILING },
        reason: { S: `The control still fails although the finding was fixed and set back to NEW ${times} times.` },
      }),
  };
}
