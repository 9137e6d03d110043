/** Counts of endings by day, account and control, so that a summary reads a few items and not every finding. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { bucketOf } from '../domain/durations.ts';
import { isFixedByOwner } from '../domain/grace.ts';
import { KEPT_DAYS, receivedAt, statisticsKey } from '../domain/ledger.ts';
import type { JobEnding } from '../ports/statistics.ts';
import { dynamoDb } from './dynamodb.ts';
import { expiryAttribute, itemKey, numberAttribute } from './ledger-items.ts';

/** `after57` counts the fixes whose duration falls into bucket 57. */
export const DURATION_PREFIX = 'after';
export const UNNAMED = '-';

/**
 * Makes one write for each account and control among the ends. The caller passes only ends that are new to the ledger,
 * and does not retry a failed call, so each end counts at most once.
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
            ...Object.fromEntries(counts.map(([, occurrences], n) => [`:c${n}`, numberAttribute(occurrences.length)])),
          },
        }),
      );
    }),
  );
}

/** Replaces names that are not account ids, because a sender of forged findings could create any number of counters. */
function accountAndControl({ job: { finding } }: JobEnding): string {
  const account = /^\d{12}$/.test(finding.account ?? '') ? finding.account : UNNAMED;
  return `${account}#${finding.control ?? UNNAMED}`;
}

/** Counters that are not endings. */
export const COUNTERS = { told: 'ownersTold', fixed: 'ownersFixed', reverted: 'revertedByOwners' } as const;

/** A fix also counts its duration, from the finding's arrival to the verified fix. */
function countersOf({ job, ending }: JobEnding, now: number): string[] {
  if (ending === 'TOLD') return [COUNTERS.told];
  const others = [
    ...(isFixedByOwner(job) ? [COUNTERS.fixed] : []),
    ...(job.result && 'reverted' in job.result && job.result.reverted ? [COUNTERS.reverted] : []),
  ];
  if (ending !== 'FIXED') return [ending, ...others];
  return [ending, `${DURATION_PREFIX}${bucketOf((now - Date.parse(receivedAt(job))) / 1000)}`, ...others];
}
