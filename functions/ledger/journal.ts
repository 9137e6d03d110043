/**
 * The journal of changes: what was, before the first write. A rerun, also by another execution, finds an open entry and
 * goes on with the original `before`, so that a crash loses no undo.
 */
import { type DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { isDenial, SutureError, text } from '../contract/errors.ts';
import { ROLLBACK_DAYS } from '../domain/ledger.ts';
import { dynamoDb } from './dynamodb.ts';

/**
 * `open`: a write may have happened. `written`: all writes were made, the check is still due. `done`: the check held.
 * `rollingBack`: `execution` restores what was before, and may have written.
 */
export const JournalEntry = z.object({
  key: z.string(),
  at: z.string(),
  status: z.enum(['open', 'written', 'done', 'rollingBack', 'rolledBack']),
  /** ARN of the execution that worked on it last. */
  execution: z.string(),
  targets: z.array(z.record(z.string(), z.string())),
  before: z.unknown(),
  after: z.unknown(),
  /** What a person must know of the resource's owner; part of the summary. */
  note: z.string().default(''),
  writtenAt: z.number().optional(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

export type Journal = {
  /** The newest entry of this finding and remediation. */
  newest(key: string): Promise<JournalEntry | undefined>;
  /** Writes an entry, new or changed, whole. */
  open(entry: JournalEntry): Promise<void>;
  mark(entry: JournalEntry, status: JournalEntry['status'], writtenAt?: number): Promise<void>;
};

/** The partition key starts with the remediation: its role may touch no other's entries. */
export const journalKey = (remediation: string, findingId: string): string => `${remediation}#${findingId}`;

export function dynamoJournal(table: string, client: DynamoDBClient = dynamoDb()): Journal {
  return {
    async newest(key) {
      const { Items } = await unlessDenied(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :key',
            ExpressionAttributeValues: { ':key': { S: key } },
            ScanIndexForward: false,
            ConsistentRead: true,
            Limit: 1,
          }),
        ),
      );
      const item = Items?.[0];
      return (
        item &&
        JournalEntry.parse({
          ...JSON.parse(item.entry!.S!),
          status: item.status!.S,
          writtenAt: numberOf(item.writtenAt?.N),
        })
      );
    },
    async open(entry) {
      const { status, writtenAt, ...kept } = entry;
      await unlessDenied(
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
      await unlessDenied(
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

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** The journal is in the function's own account: a denial there is no member account's. */
async function unlessDenied<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new SutureError(
      'ConfigurationInvalid',
      `${text(error)}\nThe function may not use the journal or its key: deploy SutureService and the remediation's stack ` +
        'into the service account again, then redrive the execution.',
      { cause: error },
    );
  }
}
