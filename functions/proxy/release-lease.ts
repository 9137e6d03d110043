/** Releases a lease. A failure does not change the outcome of the attempt, because the lease expires. */
import { setTimeout } from 'node:timers/promises';
import { isNamed } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { Leases } from '../ports/leases.ts';
import type { Warn } from '../ports/log.ts';

/** Attempts to release it while transactions of other executions, which try to take it, conflict with that. */
const MAX_ATTEMPTS = 5;
const MAX_PAUSE_MS = 100;

export async function releaseLease(job: Job, work: JobWork, leases: Leases, warn: Warn): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await leases.release(job, work);
    } catch (error) {
      if (!isNamed(error, 'TransactionConflictException') || attempt === MAX_ATTEMPTS)
        return warn('the lease could not be released, so it will expire', { error, lease: work.lease });
      await setTimeout(Math.random() * MAX_PAUSE_MS);
    }
}
