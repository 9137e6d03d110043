import { RETRIED } from '../contract/errors.ts';
import { circuitName, failureKey, opensInAccount, opensInOrganization } from '../domain/circuit.ts';
import type { Job, JobWork, RemediationResult } from '../domain/job.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { Circuits } from '../ports/circuits.ts';
import type { CircuitScope } from '../ports/leases.ts';

export type ProxyAttempt = {
  readonly recurs?: true | undefined;
  readonly job: Job;
  readonly work: JobWork;
  /** The half-open circuits whose trial it is. */
  readonly trials: readonly CircuitScope[];
};

export type CircuitChange =
  | { readonly kind: 'closed'; readonly circuit: string }
  | { readonly kind: 'open'; readonly circuit: string; readonly until: number; readonly failures: number };

/** Closes circuits after a trial whose change holds. A trial without a change proves nothing, so another execution gets the trial. */
export async function recordSuccess(
  attempt: ProxyAttempt,
  result: RemediationResult,
  circuits: Circuits,
): Promise<CircuitChange[]> {
  const changes: CircuitChange[] = [];
  for (const scope of attempt.trials) {
    const circuit = nameOf(attempt, scope);
    if (result.kind !== 'fixed') await circuits.releaseTrial(circuit, attempt.job.execution);
    else if (await circuits.close(circuit, attempt.job.execution)) changes.push({ kind: 'closed', circuit });
  }
  return changes;
}

/** A trial that is retried keeps its place; a failed trial opens its circuits again. */
export async function recordFailure(
  attempt: ProxyAttempt,
  error: unknown,
  policy: SuturePolicy,
  circuits: Circuits,
  now = Date.now,
): Promise<CircuitChange[]> {
  const { job, work, trials } = attempt;
  if (work.mode !== 'apply') return [];
  const { name } = error as Error;
  const key = failureKey(name, job);
  if (key === undefined) {
    const isRetried = RETRIED.some((each) => each === name);
    if (!isRetried) for (const scope of trials) await circuits.releaseTrial(nameOf(attempt, scope), job.execution);
    return [];
  }
  const counts = await circuits.fail(work.remediation, key, job, name);
  const failedForAll = trials.includes('organization');
  const opening: Readonly<Record<CircuitScope, boolean>> = {
    // An account that fails the organization's trial waits twice as long, so that another one gets the next trial.
    account: failedForAll || trials.includes('account') || opensInAccount(counts, policy),
    organization: failedForAll || opensInOrganization(counts, policy),
  };
  const periodMs = policy.breaker.minutes * 60_000;
  const until = { account: now() + (failedForAll ? 2 : 1) * periodMs, organization: now() + periodMs };
  const failures = { account: counts.inAccount, organization: sumOf(counts.byAccount.values()) };
  const changes: CircuitChange[] = [];
  for (const scope of ['account', 'organization'] as const) {
    const circuit = nameOf(attempt, scope);
    if (opening[scope] && (await circuits.open(circuit, job.execution, failures[scope], until[scope])))
      changes.push({ kind: 'open', circuit, until: until[scope], failures: failures[scope] });
  }
  return changes;
}

const nameOf = ({ job, work }: ProxyAttempt, scope: CircuitScope): string =>
  circuitName(work.remediation, scope === 'account' ? job.finding.account : undefined);

const sumOf = (numbers: Iterable<number>): number => [...numbers].reduce((sum, each) => sum + each, 0);
