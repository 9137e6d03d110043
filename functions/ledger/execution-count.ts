/** The hourly count of executions that go beyond triage; its cap limits the cost. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { toSutureError } from '../contract/errors.ts';
import { executionsIn, hourOf, type LedgerKey, shareOf } from '../domain/stops.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, HOUR_MS, itemKey, numberAttribute } from './ledger-items.ts';

/** The cap that is used up, with the account if it is that account's share. */
export type ReachedCap = { readonly cap: number; readonly account?: string };

/**
 * Counts an execution for its account first, and then for the organization, so that executions beyond an account's
 * share use up nobody else's. One item an hour without a transaction suffices: DynamoDB updates an item a thousand
 * times a second, and Step Functions starts 300 executions a second. Returns the cap if it is used up.
 */
export async function countExecution(
  table: string,
  account: string,
  cap: number,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now(),
): Promise<ReachedCap | undefined> {
  const hour = hourOf(now);
  const count = ({ pk, sk }: LedgerKey, most: number) =>
    conditionHeld(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(pk, sk),
          UpdateExpression: 'SET cap = :cap, expires = :expires ADD started :one',
          ConditionExpression: 'attribute_not_exists(started) OR started < :cap',
          ExpressionAttributeValues: {
            ':one': numberAttribute(1),
            ':cap': numberAttribute(most),
            ':expires': { N: String(Math.floor((now + 2 * HOUR_MS) / 1000)) },
          },
        }),
      ),
    );
  try {
    const share = shareOf(cap);
    if (!(await count(executionsIn(hour, account), share))) return { cap: share, account };
    return (await count(executionsIn(hour), cap)) ? undefined : { cap };
  } catch (error) {
    throw toSutureError(error, "the count of this hour's executions");
  }
}
