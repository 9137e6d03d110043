/** Executions that go beyond triage, counted by the hour: the limit protects the bill. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { isNamed, SutureError, toSutureError } from '../contract/errors.ts';
import { executionsIn, hourOf } from '../domain/stops.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { HOUR, key, number } from '../ledger/ledger-items.ts';

/**
 * Counts one execution. Throws CapReached, and counts none, where this hour's are used up. One item an hour, outside of any
 * transaction: DynamoDB adds to an item a thousand times a second, and Step Functions starts 300 executions a second.
 */
export async function countExecution(
  table: string,
  cap: number,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now(),
): Promise<void> {
  const { pk, sk } = executionsIn(hourOf(now));
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: key(pk, sk),
        UpdateExpression: 'SET cap = :cap, expires = :expires ADD started :one',
        ConditionExpression: 'attribute_not_exists(started) OR started < :cap',
        ExpressionAttributeValues: {
          ':one': number(1),
          ':cap': number(cap),
          ':expires': { N: String(Math.floor((now + 2 * HOUR) / 1000)) },
        },
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException'))
      throw toSutureError(error, "the count of this hour's executions");
    const nextHour = new Date(Math.floor(now / HOUR + 1) * HOUR).toISOString();
    throw new SutureError(
      'CapReached',
      `${cap} executions have gone beyond triage this hour, as many as policy lets them (caps.executionsPerHour). Nothing was ` +
        `done about this finding. Find out where so many come from; redrive the execution after ${nextHour}, or raise the cap first.`,
    );
  }
}
