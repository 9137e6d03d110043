/** A message of the finding-update queue, and the update of its finding that it requests. */
import type { QueueMessage } from './job.ts';

export type InboxMessage = {
  readonly id: string;
  readonly body: QueueMessage;
};

export type FindingUpdate = { readonly status: 'SUPPRESSED' | 'NOTIFIED' | 'NEW'; readonly note: string };

/** Messages that one call to SQS takes or returns. */
export const MAX_BATCH = 10;

/** Findings that BatchUpdateFindings takes in one call. */
export const MAX_FINDINGS = 100;

/** Returns the update that a message requests; undefined for a message that is only recorded. */
export function updateOf(body: QueueMessage): FindingUpdate | undefined {
  if (body.kind === 'archive') return { status: 'SUPPRESSED', note: body.job.note ?? 'Suppressed by Suture' };
  if (body.kind === 'notify') return { status: 'NOTIFIED', note: body.note };
  if (body.kind === 'reopen') return { status: 'NEW', note: body.note };
  if (body.kind === 'approval')
    return { status: 'NOTIFIED', note: `Suture, ${body.job.work?.remediation}: planned, waits for approval` };
  return undefined;
}
