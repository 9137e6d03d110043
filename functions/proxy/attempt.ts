/** One attempt at a remediation: checks, lease, invocation, circuit breaker, release. */
import { isUnavailable, toSutureError } from '../contract/errors.ts';
import { type Job, type JobWork, planApproval, type RemediationResult } from '../domain/job.ts';
import { ownerKeys } from '../domain/owner-policy.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Circuits } from '../ports/circuits.ts';
import type { Directory } from '../ports/directory.ts';
import type { Leases } from '../ports/leases.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Warn } from '../ports/log.ts';
import type { InvokeRemediation } from '../ports/remediation-functions.ts';
import type { Admission } from './admit.ts';
import { beginAttempt } from './begin-attempt.ts';
import { type CircuitChange, type ProxyAttempt, recordFailure, recordSuccess } from './breaker.ts';
import { waitingForNextHour } from './capped.ts';
import { deniedAfterWait, isOutdated, mayWait, rollbackError, waitingForUpgrade } from './outdated.ts';
import { withOwner } from './owner.ts';
import { recheckPolicy, requireActiveMember, withCurrentPolicy } from './recheck-policy.ts';
import { releaseLease } from './release-lease.ts';
import { approvedUntil, jobAfterAttempt, planIn, withoutEndedApproval } from './repeated-approval.ts';

export type AttemptDeps = {
  readonly policy: SuturePolicy;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly leases: Leases;
  readonly circuits: Circuits;
  readonly invoke: InvokeRemediation;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  readonly warn: Warn;
  readonly onCircuitChange: (change: CircuitChange) => void;
};

/**
 * Makes one attempt, and returns the job with its result.
 * @throws the error of an attempt that failed or may not begin
 */
export async function attemptRemediation(triaged: Job, triagedWork: JobWork, deps: AttemptDeps): Promise<Job> {
  const { policy, directory, ledger, leases, warn } = deps;
  const now = new Date();
  const active = requireActiveMember(triaged, await directory.lookUp(triaged.finding.account!));
  const job = withoutEndedApproval(active, triagedWork, policy, now);
  const work: JobWork = planApproval(job) ? { ...triagedWork, mode: 'apply' } : triagedWork;
  const deferral = recheckPolicy(job, work, policy, now);
  if (deferral) {
    const deferred = { ...job, result: { ...deferral, planned: planIn(job.result) } };
    await ledger.wait(deferred);
    return deferred;
  }
  const admission = await beginAttempt(job, work, policy, leases, warn);
  if (admission.kind === 'capped') {
    const capped = waitingForNextHour(job, work, admission, now.getTime(), deps.random());
    await ledger.wait(capped);
    return capped;
  }
  if (admission.kind !== 'admitted') return { ...job, result: admission };
  try {
    const result = await invokeUnderLease({ job, work, trials: admission.trials, recurs: admission.recurs }, deps);
    const ended = unlessStillWrong(work, result);
    const after = jobAfterAttempt({ ...active, cappedSince: undefined, outdatedSince: undefined }, ended);
    return withOwner(after, policy, admission.owner);
  } catch (error) {
    if (!isOutdated(error)) throw error;
    if (!mayWait(work)) throw rollbackError(error);
    await uncount(job, work, admission, now.getTime(), deps);
    const waiting = waitingForUpgrade(job, error, now.getTime(), deps.random());
    await ledger.wait(waiting);
    return waiting;
  }
}

/** A look that finds the resource as it was leaves the finding with its owner. */
function unlessStillWrong({ lookOnly, remediation }: JobWork, result: RemediationResult): RemediationResult {
  if (!lookOnly || result.kind === 'compliant') return result;
  const because = `Security Hub says that the control passes, but the resource is not as ${remediation} wants it; the finding stays with its owner`;
  return { kind: 'duplicate', because };
}

type Admitted = Extract<Admission, { kind: 'admitted' }>;

/** Takes the attempt out of the cap's count: it wrote nothing, so another change may take its place. */
async function uncount(job: Job, work: JobWork, { count }: Admitted, at: number, { leases, warn }: AttemptDeps) {
  if (!count) return;
  await leases
    .uncount(job, work, count, at)
    .catch((error) => warn('the count of an attempt could not be taken back', { error }));
}

async function invokeUnderLease(attempt: ProxyAttempt, deps: AttemptDeps) {
  const { policy, leases, circuits, invoke, warn } = deps;
  const { job, work, recurs } = attempt;
  let mayStillRun = false;
  try {
    const facts = { approvedUntil: approvedUntil(job, work, policy), ownerKeys: ownerKeys(policy), recurs };
    const result = await invoke(job, withCurrentPolicy(job, work, policy), facts);
    await updateBreaker(() => recordSuccess(attempt, result, circuits), deps);
    return result;
  } catch (error) {
    mayStillRun = isUnavailable(error);
    const named = deniedAfterWait(attemptError(error, job, work), job);
    await updateBreaker(() => recordFailure(attempt, named, policy, circuits), deps);
    throw named;
  } finally {
    // If the connection broke, the remediation may still run: no other execution gets its resource meanwhile.
    if (!mayStillRun) await releaseLease(job, work, leases, warn);
  }
}

/** Gives AWS's errors a name that the workflow knows. */
export const attemptError = (error: unknown, { finding }: Job, { remediation }: JobWork): unknown =>
  toSutureError(error, `${remediation} of ${finding.id}`);

/** A failure here does not change the outcome of the attempt. */
async function updateBreaker(
  update: () => Promise<readonly CircuitChange[]>,
  { onCircuitChange, warn }: AttemptDeps,
): Promise<void> {
  try {
    for (const change of await update()) onCircuitChange(change);
  } catch (error) {
    warn('the circuit breaker could not be updated', { error });
  }
}
