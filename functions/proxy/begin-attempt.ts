/**
 * Begins an attempt: reads the ledger, decides, and takes what the attempt needs if the ledger has not changed
 * meanwhile.
 */
import { setTimeout } from 'node:timers/promises';
import { retryAdvice, SutureError } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Leases } from '../ports/leases.ts';
import type { Warn } from '../ports/log.ts';
import { type Admission, admit } from './admit.ts';

/** Tries while other attempts write the same items. Afterwards the workflow retries. */
const MAX_TRIES = 4;
const MAX_PAUSE_MS = 100;

/**
 * Takes lease, finding and counts if the attempt is admitted. Returns the admission, a duplicate, a refusal or a cap.
 * @throws SutureError Stopped, CircuitOpen or ResourceBusy
 */
export async function beginAttempt(
  job: Job,
  work: JobWork,
  policy: SuturePolicy,
  leases: Leases,
  warn: Warn,
): Promise<Admission> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const facts = await leases.readFacts(job, work);
    const admission = admit(job, work, facts, policy, Date.now());
    if (admission.kind === 'duplicate' || admission.kind === 'refused') return admission;
    if (admission.kind === 'capped') {
      await leases
        .recordCap(work.remediation, admission.cap, admission.account)
        .catch((error) => warn('a reached cap could not be recorded', { error }));
      return admission;
    }
    // The record keeps the owner for a retry after a crash.
    const jobWithOwner = admission.owner ? { ...job, owner: admission.owner } : job;
    if (await leases.take(jobWithOwner, work, facts, admission)) return admission;
    await setTimeout(Math.random() * MAX_PAUSE_MS);
  }
  throw new SutureError(
    'ResourceBusy',
    `Other executions keep writing the ledger's items of ${work.lease}. ${retryAdvice('ResourceBusy')}`,
  );
}
