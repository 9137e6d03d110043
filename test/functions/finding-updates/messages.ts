/** Messages of the finding-update queue. */
import type { QueueMessage } from '../../../functions/domain/job.ts';
import type { InboxMessage } from '../../../functions/finding-updates/message.ts';

let made = 0;
const messageOf = (body: object): InboxMessage => ({ id: `message-${made++}`, body: body as QueueMessage });
const caseOf = (id: string, note?: string) => ({
  v: 1,
  execution: 'e',
  started: '2026-11-22T02:00:00.000Z',
  route: 'archive',
  reason: 'r',
  ...(note && { note }),
  finding: { id, productArn: 'p' },
});

export const archive = (id: string, note: string): InboxMessage =>
  messageOf({ kind: 'archive', token: `token of ${id}`, job: caseOf(id, note) });
export const record = (id: string): InboxMessage => messageOf({ kind: 'record', job: caseOf(id) });
export const archives = (count: number, note: string): InboxMessage[] =>
  Array.from({ length: count }, (_, n) => archive(`finding-${n}`, note));
