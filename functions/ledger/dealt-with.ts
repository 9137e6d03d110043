/** What triage reads of the ledger: whether a finding was dealt with, and what an execution changed. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { toSutureError } from '../contract/errors.ts';
import { Job } from '../domain/job.ts';
import { findingKey, historyKey, RECORD } from '../domain/ledger.ts';
import { dynamoDb } from './dynamodb.ts';
import { key } from './ledger-items.ts';

/** The newest event of a finding that came to triage (ISO 8601), and the execution that dealt with it. */
export type DealtWith = { readonly receivedAt: string; readonly execution: string };

export async function dealtWithIn(
  table: string,
  findingId: string,
  client = dynamoDb(),
): Promise<DealtWith | undefined> {
  const item = await get(client, table, findingId, RECORD);
  const receivedAt = item?.receivedAt?.S;
  return receivedAt === undefined ? undefined : { receivedAt, execution: item?.lastExecution?.S ?? 'an execution' };
}

/** The case with which an execution of this finding ended. */
export async function changedIn(
  table: string,
  { finding, ...line }: { readonly finding: string; readonly execution: string; readonly started: string },
  client = dynamoDb(),
): Promise<Job | undefined> {
  const item = await get(client, table, finding, historyKey(line));
  return item?.job?.S === undefined ? undefined : Job.parse(JSON.parse(item.job.S));
}

async function get(client: DynamoDBClient, TableName: string, findingId: string, sortKey: string) {
  try {
    const Key = key(findingKey(findingId), sortKey);
    return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  } catch (error) {
    throw toSutureError(error, `the ledger's item of ${findingId}`);
  }
}
