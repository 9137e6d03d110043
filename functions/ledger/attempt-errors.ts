/** The errors of an execution's attempts: one item with a list for each execution that had any, and the last one's calls. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { errorDescription } from '../contract/errors.ts';
import { callsOf } from '../domain/failed-calls.ts';
import type { JobStep } from '../domain/job.ts';
import { attemptErrorsKey } from '../domain/ledger.ts';
import type { Warn } from '../ports/log.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, expiryAttribute, itemKey } from './ledger-items.ts';

/** A hundred bytes each: far below the 400 KB of an item. */
const MAX_ERRORS = 200;
const MAX_NAME = 100;

export type FailedAttempt = { readonly execution: string; readonly step: JobStep; readonly error: unknown };

/** Stores the error under the name by which Step Functions knows it. Never throws, because the error itself matters. */
export async function storeAttemptError(
  table: string,
  { execution, step, error }: FailedAttempt,
  warn: Warn,
  client: DynamoDBClient = dynamoDb(),
): Promise<void> {
  const { state, at } = step;
  const name = error instanceof Error ? error.name : 'Error';
  const entry = { M: { state: { S: state }, at: { S: at }, error: { S: name.slice(0, MAX_NAME) } } };
  const { pk, sk } = attemptErrorsKey(execution);
  try {
    await conditionHeld(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(pk, sk),
          UpdateExpression:
            'SET errors = list_append(if_not_exists(errors, :none), :one), calls = :calls, expires = :expires',
          ConditionExpression: 'attribute_not_exists(errors) OR size(errors) < :max',
          ExpressionAttributeValues: {
            ':none': { L: [] },
            ':one': { L: [entry] },
            ':calls': { S: JSON.stringify(callsOf(error)) },
            ':max': { N: String(MAX_ERRORS) },
            ':expires': expiryAttribute(Date.now()),
          },
        }),
      ),
    );
  } catch (failure) {
    warn('the error of an attempt could not be stored', { error: errorDescription(failure) });
  }
}
