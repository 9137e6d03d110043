/** How many executions ended how, by day, account and control, so that a summary reads a few items and not every finding. */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { bucketOf } from '../domain/durations.ts';
import type { Job } from '../domain/job.ts';
import { type Ending, KEPT_DAYS, receivedAt, statisticsKey } from '../domain/ledger.ts';
import { dynamoDb } from './dynamodb.ts';
import { expires, key, number } from './ledger-items.ts';

/** Names of the counters of durations: `after57` counts fixes that took as long as bucket 57 says. */
export const AFTER = 'after';
/** In place of an account or control that a finding does not name, or not as such are named. */
export const UNNAMED = '-';

export type Ended = { readonly made: Job; readonly ending: Ending };

/**
 * Counts these ends: one write for each account and control among them. Each end is counted once at most: who calls has
 * made sure that it is news, and a call that fails is not repeated.
 */
export async function countEndings(
  table: string,
  ended: readonly Ended[],
  client: DynamoDBClient = dynamoDb(),
  now = Date.now(),
): Promise<void> {
  const day = new Date(now).toISOString().slice(0, 10);
  const groups = Map.groupBy(ended, placeOf);
  await Promise.all(
    [...groups].map(([place, those]) => {
      const counts = [
        ...Map.groupBy(
          those.flatMap((each) => countersOf(each, now)),
          (name) => name,
        ),
      ];
      return client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(statisticsKey(day), place),
          UpdateExpression: `SET expires = :expires ADD ${counts.map((_, n) => `#c${n} :c${n}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(counts.map(([name], n) => [`#c${n}`, name])),
          ExpressionAttributeValues: {
            ':expires': expires(now, KEPT_DAYS),
            ...Object.fromEntries(counts.map(([, same], n) => [`:c${n}`, number(same.length)])),
          },
        }),
      );
    }),
  );
}

/** Names that whoever forged a finding made up would be counters without end. */
function placeOf({ made: { finding } }: Ended): string {
  const account = /^\d{12}$/.test(finding.account ?? '') ? finding.account : UNNAMED;
  return `${account}#${finding.control ?? UNNAMED}`;
}

/** An end counts itself, and a fix how long it took from the finding's arrival to the verified fix. */
const countersOf = ({ made: job, ending }: Ended, now: number): string[] =>
  ending === 'FIXED' ? [ending, `${AFTER}${bucketOf((now - Date.parse(receivedAt(job))) / 1000)}`] : [ending];
