import type { InboxMessage } from '../../../functions/domain/finding-update.ts';
import type { QueueMessage } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';

let count = 0;
const messageOf = (body: object): InboxMessage => ({
  id: `message-${count++}`,
  body: body as QueueMessage,
  sender: 'workflow',
});
const jobOf = (id: string, note?: string) => ({
  v: 3,
  execution: 'e',
  started: '2026-11-22T02:00:00.000Z',
  ...(note === undefined ? { route: 'ignore' } : { route: 'archive', suppression: 'all', note }),
  reason: 'r',
  finding: { id, productArn: 'p', control: 'EC2.13' },
});
/** Its suppression holds for every finding. */
export const SUPPRESSING_POLICY = SuturePolicy.parse({
  version: 1,
  controls: {},
  suppressions: [{ id: 'all', reason: 'r', owner: 'o', expires: '2099-12-31', criteria: { control: 'EC2.13' } }],
});

export const archive = (id: string, note: string): InboxMessage =>
  messageOf({ v: 3, kind: 'archive', token: `token of ${id}`, job: jobOf(id, note) });
export const record = (id: string): InboxMessage => messageOf({ v: 3, kind: 'record', job: jobOf(id) });
export const archives = (count: number, note: string): InboxMessage[] =>
  Array.from({ length: count }, (_, n) => archive(`finding-${n}`, note));
