/** The findings that owners are told about, as the ledger has them now, so that no message names a fixed one. */
import { eventMessage } from '../domain/event-message.ts';
import { REMINDER_MS } from '../domain/grace.ts';
import { MESSAGE_SEVERITIES, type MessageSeverity } from '../domain/message-kinds.ts';
import type { ResourceOwner } from '../domain/resource-owner.ts';
import type { LedgerRecord } from '../ports/ledger-queries.ts';

export type OwnedFinding = {
  readonly id: string;
  readonly owner: ResourceOwner;
  readonly severity: MessageSeverity;
  readonly changedAt: string;
  /** The owner has time until then. */
  readonly dueBy?: string | undefined;
  /** The time is long enough for a reminder a day before its end. */
  readonly hasReminder: boolean;
  /** Suture goes on when the time is up. */
  readonly isWaiting: boolean;
  /** A deployment undid a fix. */
  readonly isReverted: boolean;
  /** Plain, in one line. */
  readonly text: string;
};

/** Returns undefined for a finding without an owner, and for one that does not stand with its owner. */
export function ownedFinding(record: LedgerRecord): OwnedFinding | undefined {
  const { job, ofStatus, changedAt, findingId, reason } = record;
  const { owner, dueBy, result, notice, toldAt } = job;
  if (!owner || (ofStatus === 'WAITING' ? dueBy === undefined : ofStatus !== 'NOTIFIED')) return undefined;
  const { managedBy, patch, reverted } = result && 'version' in result ? result : {};
  const message = eventMessage(job.finding, ofStatus.toLowerCase(), { summary: reason, managedBy, patch });
  const { control = 'No control', account = 'unknown', region = 'unknown' } = job.finding;
  const severity = severityOf(message.severity);
  const where = `${control} in account ${account}, ${region}`;
  return {
    id: findingId,
    owner,
    severity,
    // A reminder changes the record too, but the owner was told before, at `toldAt`.
    changedAt: (notice === 'reminder' ? toldAt : undefined) ?? changedAt,
    dueBy,
    hasReminder: dueBy !== undefined && Date.parse(dueBy) - Date.parse(toldAt ?? changedAt) > REMINDER_MS,
    isWaiting: ofStatus === 'WAITING',
    isReverted: reverted !== undefined,
    text: [
      `${severity} ${where}: ${message.resource}.`,
      message.patch || message.summary,
      ...(dueBy === undefined ? [] : [`Until ${dueBy.slice(0, 16).replace('T', ' ')} UTC.`]),
    ].join(' '),
  };
}

const severityOf = (label: string | undefined): MessageSeverity =>
  MESSAGE_SEVERITIES.find((severity) => severity === label) ?? 'MEDIUM';
