/** One attempt at a remediation: checks, lease, invocation, circuit breaker, release. */
import { isUnavailable, toSutureError } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Circuits } from '../ports/circuits.ts';
import type { Directory } from '../ports/directory.ts';
import type { Leases } from '../ports/leases.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Warn } from '../ports/log.ts';
import type { InvokeRemediation } from '../ports/remediation-functions.ts';
import { beginAttempt } from './begin-attempt.ts';
import { type CircuitChange, recordFailure, recordSuccess } from './breaker.ts';
import { recheckPolicy, requireActiveMember, withCurrentPolicy } from './recheck-policy.ts';
import { releaseLease } from './release-lease.ts';

export type AttemptDeps = {
  readonly policy: SuturePolicy;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly leases: Leases;
  readonly circuits: Circuits;
  readonly invoke: InvokeRemediation;
  readonly warn: Warn;
  readonly onCircuitChange: (change: CircuitChange) => void;
};

/** Returns the job with its result. Throws the error of an attempt that failed or may not begin. */
export async function attemptRemediation(triaged: Job, triagedWork: JobWork, deps: AttemptDeps): Promise<Job> {
  const { policy, directory, ledger, leases, warn } = deps;
  const job = requireActiveMember(triaged, await directory.lookUp(triaged.finding.account!));
  const work: JobWork = job.approval?.approved ? { ...triagedWork, mode: 'apply' } : triagedWork;
  const deferral = recheckPolicy(job, work, policy, new Date());
  if (deferral) {
    const deferred = { ...job, result: deferral };
    await ledger.wait(deferred);
    return deferred;
  }
  const decision = await beginAttempt(job, work, policy, leases, warn);
  if (decision.kind !== 'admitted') return { ...job, result: decision };
  return invokeUnderLease(job, work, decision.isTrial, deps);
}

async function invokeUnderLease(job: Job, work: JobWork, isTrial: boolean, deps: AttemptDeps): Promise<Job> {
  const { policy, leases, circuits, invoke, warn } = deps;
  const attempt = { job, work, isTrial };
  let mayStillRun = false;
  try {
    const result = await invoke(job, withCurrentPolicy(job, work, policy));
    await updateBreaker(() => recordSuccess(attempt, result, circuits), deps);
    return { ...job, result };
  } catch (error) {
    mayStillRun = isUnavailable(error);
    const named = attemptError(error, job, work);
    await updateBreaker(() => recordFailure(attempt, named, policy, circuits), deps);
    throw named;
  } finally {
    // After a broken connection the remediation may still run: no other execution gets its resource meanwhile.
    if (!mayStillRun) await releaseLease(job, work, leases, warn);
  }
}

/** Gives AWS's errors a name that the workflow knows. */
export const attemptError = (error: unknown, { finding }: Job, { remediation }: JobWork): unknown =>
  toSutureError(error, `${remediation} of ${finding.id}`);

/** Updates the circuit breaker. A failure does not change the outcome of the attempt. */
async function updateBreaker(
  update: () => Promise<CircuitChange | undefined>,
  { onCircuitChange, warn }: AttemptDeps,
): Promise<void> {
  try {
    const change = await update();
    if (change) onCircuitChange(change);
  } catch (error) {
    warn('the circuit breaker could not be updated', { error });
  }
}
