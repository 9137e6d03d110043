/** One item for each function that must not run twice at the same time. */
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { LedgerKey } from '../domain/stops.ts';
import type { RunLease } from '../ports/run-lease.ts';
import { conditionHeld, expiryAttribute, itemKey, numberAttribute } from './ledger-items.ts';

export function dynamoRunLease(
  client: DynamoDBClient,
  TableName: string,
  { pk, sk }: LedgerKey,
  now: () => number = Date.now,
): RunLease {
  return {
    take: (run, until) =>
      conditionHeld(
        client.send(
          new PutItemCommand({
            TableName,
            Item: {
              ...itemKey(pk, sk),
              run: { S: run },
              until: numberAttribute(until),
              expires: expiryAttribute(until, 1),
            },
            ConditionExpression: 'attribute_not_exists(pk) OR #until < :now OR #run = :run',
            ExpressionAttributeNames: { '#until': 'until', '#run': 'run' },
            ExpressionAttributeValues: { ':now': numberAttribute(now()), ':run': { S: run } },
          }),
        ),
      ),

    async release(run) {
      await conditionHeld(
        client.send(
          new DeleteItemCommand({
            TableName,
            Key: itemKey(pk, sk),
            ConditionExpression: '#run = :run',
            ExpressionAttributeNames: { '#run': 'run' },
            ExpressionAttributeValues: { ':run': { S: run } },
          }),
        ),
      );
    },
  };
}
