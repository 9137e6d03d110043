/**
 * Tells the owner of a resource what would be changed and until when the owner may do so: in the ledger, in a note of the
 * finding, and in an event. Idempotent: it may run again after a crash at any call.
 */
import { eventOfNotice } from '../domain/events.ts';
import { withNotice } from '../domain/grace.ts';
import type { Job, QueueMessage } from '../domain/job.ts';
import { noteOf } from '../domain/notes.ts';
import type { Publish } from '../ports/events.ts';
import type { Ledger } from '../ports/ledger.ts';

export type TellDeps = {
  readonly ledger: Pick<Ledger, 'tell' | 'wait'>;
  readonly send: (message: QueueMessage) => Promise<unknown>;
  readonly publish: Publish;
  readonly now: () => number;
};

/**
 * Returns the job, which waits until its `until`. If a newer execution has the finding, nobody is told, and triage ends
 * this one.
 */
export async function tellOwner(
  job: Job,
  { ledger, send, publish, now }: TellDeps,
): Promise<{ readonly job: Job; readonly isFirst: boolean }> {
  const at = now();
  const told = await ledger.tell(job, at);
  if (!told) return { job: { ...job, until: new Date(at).toISOString() }, isFirst: false };
  const waiting = withNotice(job, told.toldAt, at);
  await ledger.wait(waiting);
  await send({ v: 3, kind: 'notify', job: waiting, note: noteOf(waiting)! });
  await publish([eventOfNotice(waiting, new Date(at).toISOString())]);
  return { job: waiting, isFirst: told.isFirst };
}
