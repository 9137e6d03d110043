/** Gives a lease back. What became of the attempt counts more than that: a lease that cannot be given back runs out. */
import { setTimeout } from 'node:timers/promises';
import { isNamed } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { Leases } from '../ledger/leases.ts';
import type { Report } from './open.ts';

/** While others ask for the lease, its item is part of their transactions. */
const ATTEMPTS = 5;
/** Milliseconds between two attempts, at most. */
const PAUSE = 100;

export async function giveBack(job: Job, work: JobWork, leases: Leases, report: Report): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await leases.release(job, work);
    } catch (error) {
      if (!isNamed(error, 'TransactionConflictException') || attempt === ATTEMPTS)
        return report('the lease could not be given back, so it runs out', { error, lease: work.lease });
      await setTimeout(Math.random() * PAUSE);
    }
}
