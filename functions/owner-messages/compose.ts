/** Composes today's messages to owners: one for all findings of a kind at one place. Pure. */
import { messageText } from '../domain/event-message.ts';
import { REMINDER_MS } from '../domain/grace.ts';
import { MESSAGE_SEVERITIES, type MessageSeverity } from '../domain/message-kinds.ts';
import { seriesKey } from '../domain/message-series.ts';
import type { OwnerMessageKind } from '../domain/owner-message.ts';
import type { OwnerPlace } from '../domain/resource-owner.ts';
import type { MessageSeries, SentOwnerMessage } from '../ports/owner-message-log.ts';
import type { OwnedFinding } from './owner-findings.ts';

/** Places that get one message for all findings. Tickets are one for each finding, and a repository gets none. */
const BATCHED: readonly OwnerPlace['kind'][] = ['slack', 'teams', 'mail'];

const DAY_MS = 86_400_000;

export type DueMessage = MessageSeries & {
  readonly key: string;
  readonly owner: string;
  readonly severity: MessageSeverity;
  readonly findings: readonly OwnedFinding[];
  readonly headline: string;
  readonly lines: readonly string[];
};

export type MessagesDue = {
  readonly messages: readonly DueMessage[];
  /** The earliest change that waits for another day; absent if none waits. */
  readonly waitingSince?: string;
};

export type ComposeOptions = {
  readonly sent: ReadonlyMap<string, SentOwnerMessage>;
  readonly now: number;
  /** The index of the ledger may lack later changes; they are for the next run. */
  readonly until: string;
};

export function messagesDue(findings: readonly OwnedFinding[], { sent, now, until }: ComposeOptions): MessagesDue {
  const today = dayOf(now);
  const series = new Map<string, { readonly series: MessageSeries; readonly findings: OwnedFinding[] }>();
  for (const finding of findings)
    for (const place of finding.owner.places.filter(({ kind }) => BATCHED.includes(kind)))
      for (const kind of kindsOf(finding, now)) {
        const key = seriesKey(place, kind);
        if (isTold(finding, kind, sent.get(key)) || (kind !== 'reminder' && finding.changedAt > until)) continue;
        const group = series.get(key) ?? { series: { place, kind }, findings: [] };
        // An owner may name a place twice.
        if (group.findings.at(-1) !== finding) group.findings.push(finding);
        series.set(key, group);
      }
  const groups = [...series];
  const isToday = ([key]: (typeof groups)[number]) => sent.get(key)?.day === today;
  const waiting = groups
    .filter(isToday)
    .flatMap(([, group]) => (group.series.kind === 'reminder' ? [] : group.findings));
  const waitingSince = waiting.map(({ changedAt }) => changedAt).sort()[0];
  return {
    messages: groups.filter((group) => !isToday(group)).map(([key, group]) => composeMessage(key, group)),
    ...(waitingSince !== undefined && { waitingSince }),
  };
}

export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** Returns no kind for a finding whose time is up: it waits for somebody else, such as an approver. */
function kindsOf({ isReverted, isWaiting, dueBy, hasReminder }: OwnedFinding, now: number): OwnerMessageKind[] {
  const leftMs = dueBy === undefined || !isWaiting ? Number.POSITIVE_INFINITY : Date.parse(dueBy) - now;
  if (leftMs <= 0) return [];
  return [isReverted ? 'reverted' : 'told', ...(hasReminder && leftMs <= REMINDER_MS ? (['reminder'] as const) : [])];
}

/**
 * Whether the series has told about the finding. No change in the ledger marks the last day of an owner's time, so a
 * reminder tells about every finding whose time ends within a day of it.
 */
function isTold(
  { changedAt, dueBy }: OwnedFinding,
  kind: OwnerMessageKind,
  last: SentOwnerMessage | undefined,
): boolean {
  if (!last) return false;
  return kind === 'reminder' ? dueBy! <= last.until : changedAt <= last.until;
}

/** Returns `until` of a message that is sent at `now`, for `isTold`. */
export const toldUntil = (kind: OwnerMessageKind, now: number, until: string): string =>
  kind === 'reminder' ? new Date(now + DAY_MS).toISOString() : until;

const HEADLINES: Readonly<Record<OwnerMessageKind, (findings: string) => string>> = {
  told: (findings) => `Suture: ${findings} of yours to fix`,
  reminder: (findings) => `Suture: within a day, the time of ${findings} of yours is up`,
  reverted: (findings) => `Suture: a change or deployment of yours undid the fix of ${findings}`,
};

function composeMessage(
  key: string,
  { series, findings }: { readonly series: MessageSeries; readonly findings: readonly OwnedFinding[] },
): DueMessage {
  const ordered = findings.toSorted((a, b) => rank(a) - rank(b) || (a.dueBy ?? '~').localeCompare(b.dueBy ?? '~'));
  const { owner, severity } = ordered[0]!;
  return {
    ...series,
    key,
    owner: messageText(owner.name),
    severity,
    findings: ordered,
    headline: HEADLINES[series.kind](ordered.length === 1 ? 'one finding' : `${ordered.length} findings`),
    lines: ordered.map(({ text }) => text),
  };
}

const rank = ({ severity }: OwnedFinding): number => MESSAGE_SEVERITIES.indexOf(severity);
