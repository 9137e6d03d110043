/** A lease in the ledger: one run at a time does what must not be done twice at once. */
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { LedgerKey } from '../domain/stops.ts';
import { expires, held, key, number } from './ledger-items.ts';

export type RunLease = {
  /** Whether it is this run's until then, milliseconds since 1970. One that ran out is anybody's. */
  take(run: string, until: number): Promise<boolean>;
  /** Gives it back, if it is still this run's. */
  release(run: string): Promise<void>;
};

export function runLease(
  client: DynamoDBClient,
  TableName: string,
  { pk, sk }: LedgerKey,
  now: () => number = Date.now,
): RunLease {
  return {
    take: (run, until) =>
      held(
        client.send(
          new PutItemCommand({
            TableName,
            Item: { ...key(pk, sk), run: { S: run }, until: number(until), expires: expires(until, 1) },
            ConditionExpression: 'attribute_not_exists(pk) OR #until < :now OR #run = :run',
            ExpressionAttributeNames: { '#until': 'until', '#run': 'run' },
            ExpressionAttributeValues: { ':now': number(now()), ':run': { S: run } },
          }),
        ),
      ),

    async release(run) {
      await held(
        client.send(
          new DeleteItemCommand({
            TableName,
            Key: key(pk, sk),
            ConditionExpression: '#run = :run',
            ExpressionAttributeNames: { '#run': 'run' },
            ExpressionAttributeValues: { ':run': { S: run } },
          }),
        ),
      );
    },
  };
}
