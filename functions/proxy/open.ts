/** Opens an attempt: looks at the ledger, decides, and takes what the attempt needs, as long as nothing changed in between. */
import { setTimeout } from 'node:timers/promises';
import { AGAIN, SutureError } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Leases } from '../ledger/leases.ts';
import { type Admission, admit, capReached } from './admit.ts';

/** Looks at items that others write to at the same moment, before the workflow takes over the waiting. */
const LOOKS = 4;
/** Milliseconds between two looks, at most. */
const PAUSE = 100;

export type Report = (what: string, fields: Record<string, unknown>) => void;
export type Opened = Exclude<Admission, { kind: 'capped' }>;

/** Throws Stopped, CircuitOpen, CapReached or ResourceBusy; duplicates and refusals are values. */
export async function beginAttempt(
  job: Job,
  work: JobWork,
  policy: SuturePolicy,
  leases: Leases,
  report: Report,
): Promise<Opened> {
  for (let look = 0; look < LOOKS; look++) {
    const seen = await leases.look(job, work);
    const admission = admit(job, work, seen, policy, Date.now());
    if (admission.kind === 'duplicate' || admission.kind === 'refused') return admission;
    if (admission.kind === 'capped') {
      await leases
        .noteCap(work.remediation, admission.cap, admission.account)
        .catch((error) => report('a reached cap could not be noted', { error }));
      throw capReached(work, admission, Date.now());
    }
    if (await leases.take(job, work, seen, admission)) return admission;
    await setTimeout(Math.random() * PAUSE);
  }
  throw new SutureError('ResourceBusy', `What ${work.lease} needs of the ledger is written to by others. ${AGAIN}`);
}
