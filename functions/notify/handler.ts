/**
 * Notify: sends the API's messages, and the first one of each kind of event, at once. Counts the others for a digest
 * every three hours, and sends a daily digest.
 */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { logger } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { EVENTS, type EventName, type SutureEvent } from '../domain/events.ts';
import type { FindingStatus } from '../domain/ledger.ts';
import { PeopleMessage } from '../domain/people-message.ts';
import type { PolicyInForce } from '../domain/policy.ts';
import { withGoneUnits } from '../domain/policy-units.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';
import { dynamoAnnouncementLog } from '../ledger/announcement-log.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { dynamoHiddenFindings } from '../ledger/hidden-findings.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import type { AnnouncementLog } from '../ports/announcement-log.ts';
import type { HiddenCounts } from '../ports/hidden-findings.ts';
import type { LedgerQueries } from '../ports/ledger-queries.ts';
import { dailyDigest } from './digest.ts';
import { type Announcement, announcementOf, withheldDigest } from './messages.ts';
import { peopleMessage } from './people-messages.ts';

const Input = z.union([
  z.object({ digest: z.enum(['counts', 'day']) }),
  z.object({ message: PeopleMessage }),
  z.object({
    id: z.string(),
    'detail-type': z.enum(Object.keys(EVENTS) as [EventName, ...EventName[]]),
    detail: z.unknown(),
  }),
]);

const sns = new SNSClient({ maxAttempts: 3 });

export const handler = async (event: unknown): Promise<void> => {
  const input = Input.parse(event);
  const { LEDGER_TABLE, TOPIC_ARN } = environment('LEDGER_TABLE', 'TOPIC_ARN');
  const log = dynamoAnnouncementLog(LEDGER_TABLE);
  const send = async (message: Announcement | undefined) => {
    if (!message) return;
    const Subject = message.subject.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
    await sns.send(new PublishCommand({ TopicArn: TOPIC_ARN, Subject, Message: message.text }));
    logger.info('announcement sent', { subject: Subject });
  };
  if ('message' in input) return send(peopleMessage(input.message));
  if (!('digest' in input)) return announce(input, log, send);
  if (input.digest === 'day') {
    const hidden = await dynamoHiddenFindings(LEDGER_TABLE).get(new Date().toISOString().slice(0, 10));
    return send(await digestOf(ledgerQueries(LEDGER_TABLE), { hidden, goneUnits: await goneUnits(LEDGER_TABLE) }));
  }
  const withheld = await log.withheld();
  await send(withheldDigest(withheld));
  for (const each of withheld) await log.subtract(each);
};

type EventInput = { readonly id: string; readonly 'detail-type': EventName; readonly detail?: unknown };

async function announce(
  { id, 'detail-type': name, detail }: EventInput,
  log: AnnouncementLog,
  send: (message: Announcement) => Promise<void>,
): Promise<void> {
  const announcement = announcementOf({ name, detail: EVENTS[name].parse(detail) } as SutureEvent);
  if (announcement && (await log.isFirst(announcement.kind, announcement.quietMs, id))) await send(announcement);
}

const policy = policySource();

async function goneUnits(table: string): Promise<readonly string[]> {
  try {
    const known = await dynamoAccounts(table, dynamoDb()).units();
    return withGoneUnits<PolicyInForce>(await policy.read(), known).goneUnits ?? [];
  } catch (error) {
    // Without a policy, the digest says the rest. Other alarms say that it is missing.
    logger.warn('gone units unknown', { error: error as Error });
    return [];
  }
}

async function digestOf(
  queries: LedgerQueries,
  more: { readonly hidden: HiddenCounts | undefined; readonly goneUnits: readonly string[] },
): Promise<Announcement | undefined> {
  const day = new Date(Date.now() - 24 * 3_600_000).toISOString().slice(0, 10);
  const oldest = async (status: FindingStatus) =>
    (await queries.list({ status }, { limit: 1, oldestFirst: true })).items[0]?.changedAt;
  return dailyDigest(day, await queries.statistics([day]), {
    failed: await queries.count({ status: 'FAILED' }),
    waiting: await queries.count({ status: 'WAITING' }),
    oldestFailed: await oldest('FAILED'),
    oldestWaiting: await oldest('WAITING'),
    ...more,
  });
}
