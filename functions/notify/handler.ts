/** Notify: people get at once what needs one of them, the first of a kind; the rest as a count every three hours, and a digest by the day. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { logger } from '../aws/observe.ts';
import { EVENTS, type EventName, type SutureEvent } from '../domain/events.ts';
import type { FindingStatus } from '../domain/ledger.ts';
import { dynamoTold, type Told } from '../ledger/announcements.ts';
import { type LedgerQueries, ledgerQueries } from '../ledger/ledger-queries.ts';
import { daily } from './digest.ts';
import { type Announcement, counted, newsOf } from './messages.ts';

const Input = z.union([
  z.object({ digest: z.enum(['counts', 'day']) }),
  z.object({ 'detail-type': z.enum(Object.keys(EVENTS) as [EventName, ...EventName[]]), detail: z.unknown() }),
]);

const sns = new SNSClient({ maxAttempts: 3 });

export const handler = async (event: unknown): Promise<void> => {
  const input = Input.parse(event);
  const { LEDGER_TABLE, TOPIC_ARN } = environment('LEDGER_TABLE', 'TOPIC_ARN');
  const told = dynamoTold(LEDGER_TABLE);
  const send = async (message: Announcement | undefined) => {
    if (!message) return;
    const Subject = message.subject.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
    await sns.send(new PublishCommand({ TopicArn: TOPIC_ARN, Subject, Message: message.text }));
    logger.info('people were told', { subject: Subject });
  };
  if (!('digest' in input)) return tell(input, told, send);
  if (input.digest === 'day') return send(await digestOf(ledgerQueries(LEDGER_TABLE)));
  const untold = await told.untold();
  await send(counted(untold));
  for (const each of untold) await told.tell(each);
};

async function tell(
  { 'detail-type': name, detail }: { readonly 'detail-type': EventName; readonly detail?: unknown },
  told: Told,
  send: (message: Announcement) => Promise<void>,
): Promise<void> {
  const news = newsOf({ name, detail: EVENTS[name].parse(detail) } as SutureEvent);
  if (news && (await told.first(news.kind, news.quiet))) await send(news);
}

/** Of the day before, in UTC. */
async function digestOf(queries: LedgerQueries): Promise<Announcement | undefined> {
  const day = new Date(Date.now() - 24 * 3_600_000).toISOString().slice(0, 10);
  const oldest = async (status: FindingStatus) =>
    (await queries.list({ status }, { limit: 1, oldestFirst: true })).items[0]?.changedAt;
  return daily(day, await queries.statistics([day]), {
    failed: await queries.count({ status: 'FAILED' }),
    waiting: await queries.count({ status: 'WAITING' }),
    oldestFailed: await oldest('FAILED'),
    oldestWaiting: await oldest('WAITING'),
  });
}
