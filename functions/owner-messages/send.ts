/**
 * Sends each owner at most one message of a kind a day. Everything follows from the ledger, so that a run that dies loses
 * nothing: the next one sends what it did not finish.
 */
import type { MessageEvent, OwnerMessage } from '../domain/owner-message.ts';
import { placeForm } from '../domain/place-form.ts';
import { hash } from '../domain/trace.ts';
import type { LedgerQueries, LedgerRecord } from '../ports/ledger-queries.ts';
import type { OwnerMessageLog } from '../ports/owner-message-log.ts';
import { type DueMessage, dayOf, messagesDue, toldUntil } from './compose.ts';
import { type OwnedFinding, ownedFinding } from './owner-findings.ts';

export type OwnerMail = { readonly to: string; readonly subject: string; readonly text: string };

export type OwnerMessageDeps = {
  readonly queries: Pick<LedgerQueries, 'list' | 'record'>;
  readonly log: OwnerMessageLog;
  readonly publish: (event: MessageEvent) => Promise<void>;
  /** Absent: the installation sends owners no mail. */
  readonly mail?: (mail: OwnerMail) => Promise<void>;
  readonly now: () => number;
};

/** Longer than an index of DynamoDB lags, and than clocks of functions differ. */
const SETTLING_MS = 10 * 60_000;
/** Records are read one by one, this many at once. */
const AT_ONCE = 10;

export type SentCounts = { readonly messages: number; readonly findings: number };

export async function sendOwnerMessages(deps: OwnerMessageDeps): Promise<SentCounts> {
  const now = deps.now();
  const until = new Date(now - SETTLING_MS).toISOString();
  const watermark = await deps.log.watermark();
  const findings = await ownedFindings(deps, watermark);
  const { messages, waitingSince } = messagesDue(findings, { sent: await deps.log.sent(), now, until });
  const day = dayOf(now);
  const counts = { messages: 0, findings: 0 };
  const unsent: string[] = [];
  const failures: unknown[] = [];
  for (const message of messages) {
    const isSent = await sendOnce(message, deps, { now, until, day }).catch((error: unknown) => {
      failures.push(error);
      return false;
    });
    if (isSent) counts.messages += 1;
    if (isSent) counts.findings += message.findings.length;
    else unsent.push(...message.findings.map(({ changedAt }) => changedAt));
  }
  // The mark stays before findings that wait for another day or another run.
  const mark = [until, ...[...(waitingSince ? [waitingSince] : []), ...unsent].map(justBefore)].sort()[0]!;
  if (watermark === undefined || mark > watermark) await deps.log.moveWatermark(mark);
  // Thrown last, so that the other owners have their messages. The next run sends those that failed.
  if (failures.length > 0) throw failures[0];
  return counts;
}

type Run = { readonly now: number; readonly until: string; readonly day: string };

/** Returns false if another instance sends the message, or has sent it. */
async function sendOnce(message: DueMessage, deps: OwnerMessageDeps, { now, until, day }: Run): Promise<boolean> {
  if (!(await deps.log.claim(message, day))) return false;
  await deliver(message, deps, now);
  await deps.log.finish(message, { day, until: toldUntil(message.kind, now, until) });
  return true;
}

const justBefore = (at: string): string => new Date(Date.parse(at) - 1).toISOString();

/** Returns findings that became NOTIFIED since the watermark, and all that wait, because each may need a reminder. */
async function ownedFindings(
  { queries }: Pick<OwnerMessageDeps, 'queries'>,
  since: string | undefined,
): Promise<OwnedFinding[]> {
  const ids = [
    ...(await idsOf(queries, { status: 'NOTIFIED', ...(since !== undefined && { since }) })),
    ...(await idsOf(queries, { status: 'WAITING' })),
  ];
  const found: OwnedFinding[] = [];
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const records = await Promise.all(ids.slice(first, first + AT_ONCE).map((id) => queries.record(id)));
    found.push(...records.flatMap((record: LedgerRecord | undefined) => (record && ownedFinding(record)) ?? []));
  }
  return found;
}

async function idsOf(queries: OwnerMessageDeps['queries'], filter: Parameters<LedgerQueries['list']>[0]) {
  const ids: string[] = [];
  let next: string | undefined;
  do {
    const page = await queries.list(filter, { ...(next !== undefined && { next }), oldestFirst: true });
    ids.push(...page.items.map(({ findingId }) => findingId));
    next = page.next;
  } while (next !== undefined);
  return ids;
}

const SEE_ALL = 'suture list --status notified';

async function deliver(message: DueMessage, deps: OwnerMessageDeps, now: number): Promise<void> {
  const { place, kind, owner, severity, findings, headline, lines, key } = message;
  if (place.kind === 'mail') {
    await deps.mail?.({ to: place.to, subject: headline, text: mailText(lines) });
    return;
  }
  const { body, left } = placeForm(place.kind, [headline, ...lines]);
  const more = left > 0 ? placeForm(place.kind, [moreText(left)]).body : [];
  const detail: OwnerMessage = {
    version: 1,
    id: hash(`${key} ${dayOf(now)}`),
    kind,
    place: { kind: place.kind as OwnerMessage['place']['kind'], to: place.to },
    owner,
    severity,
    count: findings.length,
    at: new Date(now).toISOString(),
    headline,
    body: [...body, ...more],
  };
  await deps.publish({ name: 'suture.owner.message.v1', detail });
}

const moreText = (left: number): string => `And ${left} more: ${SEE_ALL}`;

/** SNS takes 256 KB. */
const MAIL_CHARACTERS = 100_000;

function mailText(lines: readonly string[]): string {
  const taken: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MAIL_CHARACTERS) break;
    taken.push(line);
  }
  const left = lines.length - taken.length;
  return [...taken, ...(left > 0 ? [moreText(left)] : []), '', 'What to change in full: suture patch <finding>'].join(
    '\n',
  );
}
