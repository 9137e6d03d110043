/** The hourly count of executions that go beyond triage; its cap protects the bill. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { isNamed, SutureError, toSutureError } from '../contract/errors.ts';
import { executionsIn, hourOf } from '../domain/stops.ts';
import { dynamoDb } from './dynamodb.ts';
import { HOUR_MS, itemKey, numberAttribute } from './ledger-items.ts';

/**
 * Counts one execution. One item an hour without a transaction suffices: DynamoDB updates an item a thousand times a second,
 * and Step Functions starts 300 executions a second.
 * @throws SutureError CapReached where the hour's cap is used up
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
        Key: itemKey(pk, sk),
        UpdateExpression: 'SET cap = :cap, expires = :expires ADD started :one',
        ConditionExpression: 'attribute_not_exists(started) OR started < :cap',
        ExpressionAttributeValues: {
          ':one': numberAttribute(1),
          ':cap': numberAttribute(cap),
          ':expires': { N: String(Math.floor((now + 2 * HOUR_MS) / 1000)) },
        },
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException'))
      throw toSutureError(error, "the count of this hour's executions");
    const nextHour = new Date(Math.floor(now / HOUR_MS + 1) * HOUR_MS).toISOString();
    throw new SutureError(
      'CapReached',
      `${cap} executions have gone beyond triage this hour, as many as policy lets them (caps.executionsPerHour). Nothing was ` +
        `done about this finding. Find out where so many come from; redrive the execution after ${nextHour}, or raise the cap first.`,
    );
  }
}
