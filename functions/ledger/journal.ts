/** One item for each change, which expires when the change can no longer be undone. */
import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { commandToReplay, errorDescription, isDenial, SutureError } from '../contract/errors.ts';
import { JournalEntry } from '../domain/journal.ts';
import { ROLLBACK_DAYS } from '../domain/ledger.ts';
import { parseInput } from '../domain/version.ts';
import type { Journal } from '../ports/journal.ts';
import { dynamoDb } from './dynamodb.ts';

/** Changes of one target that a rollback can undo, the newest first. */
const MAX_ENTRIES = 20;

export function dynamoJournal(table: string, client: DynamoDBClient = dynamoDb()): Journal {
  return {
    async entries(key) {
      const { Items } = await renameDenial(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :key',
            ExpressionAttributeValues: { ':key': { S: key } },
            ScanIndexForward: false,
            ConsistentRead: true,
            Limit: MAX_ENTRIES,
          }),
        ),
      );
      return (Items ?? []).map(entryIn);
    },
    async put(entry) {
      const { status, writtenAt, ...kept } = entry;
      await renameDenial(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              pk: { S: entry.key },
              sk: { S: entry.at },
              status: { S: status },
              entry: { S: JSON.stringify(kept) },
              expires: { N: String(Math.floor(Date.now() / 1000) + ROLLBACK_DAYS * 86_400) },
              ...(writtenAt !== undefined && { writtenAt: { N: String(writtenAt) } }),
            },
          }),
        ),
      );
    },
    async mark(entry, status, writtenAt) {
      await renameDenial(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: entry.key }, sk: { S: entry.at } },
            UpdateExpression: `SET #status = :status${writtenAt === undefined ? '' : ', writtenAt = :writtenAt'}`,
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':status': { S: status },
              ...(writtenAt !== undefined && { ':writtenAt': { N: String(writtenAt) } }),
            },
          }),
        ),
      );
    },
  };
}

const entryIn = (item: Record<string, AttributeValue>): JournalEntry =>
  parseInput(JournalEntry, {
    ...JSON.parse(item.entry!.S!),
    status: item.status!.S,
    writtenAt: numberOf(item.writtenAt?.N),
  });

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** Renames a denial, because the journal is in the function's own account: no member account denied it. */
async function renameDenial<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new SutureError(
      'ConfigurationInvalid',
      `${errorDescription(error)}\nThe function may not use the journal or its key: deploy the Service stack and the remediation's stack ` +
        `into the service account again, then replay it: ${commandToReplay('ConfigurationInvalid')}`,
      { cause: error },
    );
  }
}
