/** How many executions ended how, by day, account and control, so that a summary reads a few items and not every finding. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { bucketOf } from '../domain/durations.ts';
import { KEPT_DAYS, receivedAt, statisticsKey } from '../domain/ledger.ts';
import type { JobEnding } from '../ports/statistics.ts';
import { dynamoDb } from './dynamodb.ts';
import { expiryAttribute, itemKey, numberAttribute } from './ledger-items.ts';

/** Prefix of the counters of durations: `after57` counts the fixes whose duration falls into bucket 57. */
export const DURATION_PREFIX = 'after';
/** Stands for an account or control that a finding does not name, or names wrongly. */
export const UNNAMED = '-';

/**
 * Counts these ends, with one write for each account and control among them. Each end is counted at most once: the caller
 * passes only ends that are new to the ledger, and does not retry a call that failed.
 */
export async function countEndings(
  table: string,
  endings: readonly JobEnding[],
  client: DynamoDBClient = dynamoDb(),
  now = Date.now(),
): Promise<void> {
  const day = new Date(now).toISOString().slice(0, 10);
  await Promise.all(
    [...Map.groupBy(endings, accountAndControl)].map(([sortKey, group]) => {
      const names = group.flatMap((ending) => countersOf(ending, now));
      const counts = [...Map.groupBy(names, (name) => name)];
      return client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(statisticsKey(day), sortKey),
          UpdateExpression: `SET expires = :expires ADD ${counts.map((_, n) => `#c${n} :c${n}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(counts.map(([name], n) => [`#c${n}`, name])),
          ExpressionAttributeValues: {
            ':expires': expiryAttribute(now, KEPT_DAYS),
            ...Object.fromEntries(counts.map(([, same], n) => [`:c${n}`, numberAttribute(same.length)])),
          },
        }),
      );
    }),
  );
}

/** Replaces names that are not account ids: a sender who forges findings could create counters without end. */
function accountAndControl({ job: { finding } }: JobEnding): string {
  const account = /^\d{12}$/.test(finding.account ?? '') ? finding.account : UNNAMED;
  return `${account}#${finding.control ?? UNNAMED}`;
}

/** Returns the counter of the end, and for a fix that of its duration from the finding's arrival to the verified fix. */
const countersOf = ({ job, ending }: JobEnding, now: number): string[] =>
  ending === 'FIXED' ? [ending, `${DURATION_PREFIX}${bucketOf((now - Date.parse(receivedAt(job))) / 1000)}`] : [ending];
