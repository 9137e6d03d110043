/** Tells the circuit breaker of a remediation how an attempt ended. */

import { RETRIED } from '../contract/errors.ts';
import { failureKey, opens } from '../domain/circuit.ts';
import type { Job, JobWork, RemediationResult } from '../domain/job.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Circuits } from '../ledger/circuits.ts';

export type Attempt = {
  readonly made: Job;
  readonly work: JobWork;
  /** It is the one try of a half-open circuit. */
  readonly tries: boolean;
};

/** What changed: `open` until then (milliseconds since 1970), or `closed`. */
export type BreakerTurn =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number; readonly failures: number };

/** A change that was made and holds closes the circuit; an end without a change proves nothing, and the next may try. */
export async function afterSuccess({ made: job, work, tries }: Attempt, result: RemediationResult, circuits: Circuits) {
  if (!tries) return undefined;
  if (result.kind === 'fixed')
    return (await circuits.close(work.remediation, job.execution)) ? ({ kind: 'closed' } as const) : undefined;
  await circuits.giveBack(work.remediation, job.execution);
  return undefined;
}

/** Counts a change that went wrong. A try keeps its turn while it is retried; one that failed opens the circuit again. */
export async function afterFailure(
  { made, work, tries }: Attempt,
  error: unknown,
  policy: SuturePolicy,
  circuits: Circuits,
  now = Date.now,
): Promise<BreakerTurn | undefined> {
  if (work.mode !== 'apply') return undefined;
  const { name } = error as Error;
  const counts = failureKey(name, made);
  if (!counts) {
    const isRetried = RETRIED.some((each) => each === name);
    if (tries && !isRetried) await circuits.giveBack(work.remediation, made.execution);
    return undefined;
  }
  const failures = await circuits.fail(work.remediation, counts, made, name);
  if (!tries && !opens(failures, policy)) return undefined;
  const until = now() + policy.breaker.minutes * 60_000;
  const opened = await circuits.open(work.remediation, made.execution, failures, until);
  return opened ? { kind: 'open', until, failures } : undefined;
}
