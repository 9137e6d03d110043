/** Records the end of an attempt in the circuit breaker of its remediation. */
import { RETRIED } from '../contract/errors.ts';
import { failureKey, reachesBreakerThreshold } from '../domain/circuit.ts';
import type { Job, JobWork, RemediationResult } from '../domain/job.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Circuits } from '../ports/circuits.ts';

export type ProxyAttempt = {
  readonly job: Job;
  readonly work: JobWork;
  /** It is the one trial of a half-open circuit. */
  readonly isTrial: boolean;
};

/** The circuit's new state; `until` in milliseconds since 1970. */
export type CircuitChange =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number; readonly failures: number };

/** Closes the circuit after a trial whose change holds. A trial without a change proves nothing, and frees the next. */
export async function recordSuccess(
  { job, work, isTrial }: ProxyAttempt,
  result: RemediationResult,
  circuits: Circuits,
): Promise<CircuitChange | undefined> {
  if (!isTrial) return undefined;
  if (result.kind === 'fixed')
    return (await circuits.close(work.remediation, job.execution)) ? { kind: 'closed' } : undefined;
  await circuits.releaseTrial(work.remediation, job.execution);
  return undefined;
}

/** Counts a failed change. A trial that is retried keeps its place; one that failed opens the circuit again. */
export async function recordFailure(
  { job, work, isTrial }: ProxyAttempt,
  error: unknown,
  policy: SuturePolicy,
  circuits: Circuits,
  now = Date.now,
): Promise<CircuitChange | undefined> {
  if (work.mode !== 'apply') return undefined;
  const { name } = error as Error;
  const key = failureKey(name, job);
  if (key === undefined) {
    const isRetried = RETRIED.some((each) => each === name);
    if (isTrial && !isRetried) await circuits.releaseTrial(work.remediation, job.execution);
    return undefined;
  }
  const failures = await circuits.fail(work.remediation, key, job, name);
  if (!isTrial && !reachesBreakerThreshold(failures, policy)) return undefined;
  const until = now() + policy.breaker.minutes * 60_000;
  const opened = await circuits.open(work.remediation, job.execution, failures, until);
  return opened ? { kind: 'open', until, failures } : undefined;
}
