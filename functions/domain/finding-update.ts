/** A message of the finding-update queue, and the update of its finding that it requests. */
import type { QueueMessage } from './job.ts';
import { plainText } from './plain-text.ts';
import type { UpdateSender } from './update-senders.ts';

export type InboxMessage = {
  readonly id: string;
  readonly body: QueueMessage;
  /** Undefined for everyone who may not send any message. */
  readonly sender: UpdateSender | undefined;
};

export type FindingUpdate = {
  /** Absent if the status stays: Security Hub may have resolved what its owner has fixed. */
  readonly status?: 'SUPPRESSED' | 'NOTIFIED' | 'NEW';
  /** Absent if another author's note stays. */
  readonly note?: string;
};

/** `UpdatedBy` of Suture's notes. */
export const NOTE_AUTHOR = 'suture';

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_NoteUpdate.html */
const MAX_NOTE = 512;

/** Messages that SQS receives or deletes in one call. */
export const MAX_BATCH = 10;

/** Findings that Security Hub updates in one call. */
export const MAX_FINDINGS = 100;

/** Returns undefined for a message that is only recorded. */
export function updateOf(body: QueueMessage): FindingUpdate | undefined {
  const update = exactUpdateOf(body);
  if (!update) return undefined;
  if (body.job.finding.hasOthersNote) return update.status && { status: update.status };
  return { ...update, note: plainText(update.note, MAX_NOTE) };
}

function exactUpdateOf(body: QueueMessage): (FindingUpdate & { readonly note: string }) | undefined {
  if (body.kind === 'archive') return { status: 'SUPPRESSED', note: body.job.note ?? 'Suppressed by Suture' };
  if (body.kind === 'notify') return { status: 'NOTIFIED', note: body.note };
  if (body.kind === 'note') return { note: body.note };
  if (body.kind === 'reopen') return { status: 'NEW', note: body.note };
  if (body.kind === 'approval')
    return { status: 'NOTIFIED', note: `Suture, ${body.job.work?.remediation}: planned, waits for approval` };
  return undefined;
}
