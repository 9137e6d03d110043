import type { InboxMessage } from '../../../functions/domain/finding-update.ts';
import type { QueueMessage } from '../../../functions/domain/job.ts';

let count = 0;
const messageOf = (body: object): InboxMessage => ({ id: `message-${count++}`, body: body as QueueMessage });
const jobOf = (id: string, note?: string) => ({
  v: 3,
  execution: 'e',
  started: '2026-11-22T02:00:00.000Z',
  route: 'archive',
  reason: 'r',
  ...(note && { note }),
  finding: { id, productArn: 'p' },
});

export const archive = (id: string, note: string): InboxMessage =>
  messageOf({ v: 3, kind: 'archive', token: `token of ${id}`, job: jobOf(id, note) });
export const record = (id: string): InboxMessage => messageOf({ v: 3, kind: 'record', job: jobOf(id) });
export const archives = (count: number, note: string): InboxMessage[] =>
  Array.from({ length: count }, (_, n) => archive(`finding-${n}`, note));
