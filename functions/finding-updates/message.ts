/** A message of the queue, and the update of its finding that it asks for. */
import type { QueueMessage } from '../domain/job.ts';

export type InboxMessage = {
  readonly id: string;
  readonly body: QueueMessage;
};

export type FindingUpdate = { readonly status: 'SUPPRESSED' | 'NOTIFIED' | 'NEW'; readonly note: string };

/** Undefined for what is only recorded. */
export function updateOf(body: QueueMessage): FindingUpdate | undefined {
  if (body.kind === 'archive') return { status: 'SUPPRESSED', note: body.job.note ?? 'Suppressed by Suture' };
  if (body.kind === 'notify') return { status: 'NOTIFIED', note: body.note };
  if (body.kind === 'reopen') return { status: 'NEW', note: body.note };
  if (body.kind === 'approval')
    return { status: 'NOTIFIED', note: `Suture, ${body.job.work?.remediation}: planned, waits for approval` };
  return undefined;
}
