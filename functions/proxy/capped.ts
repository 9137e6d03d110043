/** The job whose change must wait because a cap is reached. Pure. */
import { commandToReplay, SutureError } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { MAX_CAPPED_MS, nextHourWithJitter } from '../domain/stops.ts';
import { type Admission, capText } from './admit.ts';
import { planIn } from './repeated-approval.ts';

/**
 * Returns the job, deferred to the next hour.
 * @param random from 0 to 1, for jitter
 * @throws SutureError CapReached if it has waited for a day
 */
export function waitingForNextHour(
  job: Job,
  work: JobWork,
  admission: Extract<Admission, { kind: 'capped' }>,
  now: number,
  random: number,
): Job {
  const what = capText(work, admission);
  const cappedSince = job.cappedSince ?? new Date(now).toISOString();
  const until = nextHourWithJitter(now, random);
  if (now - Date.parse(cappedSince) >= MAX_CAPPED_MS)
    throw new SutureError(
      'CapReached',
      `${what}, and it has waited since ${cappedSince}. Nothing was written. Raise the cap, or find out why there are so ` +
        `many changes; then, after ${until}, replay it: ${commandToReplay('CapReached')}`,
    );
  const because = `waits for the next hour: ${what}`;
  return { ...job, cappedSince, result: { kind: 'deferred', because, until, planned: planIn(job.result) } };
}
