/** Updates up to a hundred findings with one call, and reports for each finding whether Security Hub updated it. */
import { errorDescription, isNamed, isThrottling, isUnavailable } from '../contract/errors.ts';
import type { SecurityHub, UnprocessedFinding } from '../ports/security-hub.ts';
import type { Pace } from './pace.ts';
import type { PendingFinding, UpdateCall } from './pending.ts';

/** Error codes of unprocessed findings that may succeed on a retry. */
const RETRYABLE = new Set(['ConcurrentUpdateError', 'InternalError', 'InternalException', 'Throttled']);
/** Reserved for records and answers after the last call. */
const MIN_TIME_LEFT_MS = 30_000;

export type FindingUpdateDeps = {
  readonly securityHub: SecurityHub;
  readonly pace: Pace;
  readonly timeLeft: () => number;
};

export type UpdateResult = {
  readonly finding: PendingFinding;
  readonly kind: 'done' | 'refused' | 'retry';
  readonly because?: string;
};

/** Retries a throttled call at the pace, while enough time is left for the steps after it. */
export async function updateFindings(
  { update, findings }: UpdateCall,
  deps: FindingUpdateDeps,
): Promise<UpdateResult[]> {
  if (!update) return findings.map((finding) => ({ finding, kind: 'done' }));
  const all = (kind: UpdateResult['kind'], because: string) => findings.map((finding) => ({ finding, kind, because }));
  let because = 'no time was left for its call';
  while (deps.timeLeft() >= MIN_TIME_LEFT_MS) {
    await deps.pace.turn();
    try {
      const unprocessed = await deps.securityHub.update(update, findings);
      deps.pace.taken();
      return resultsOf(findings, unprocessed);
    } catch (error) {
      if (isNamed(error, 'InvalidInputException') && findings.length > 1) return inHalves({ update, findings }, deps);
      if (!isThrottling(error) && !isUnavailable(error)) return all('refused', errorDescription(error));
      deps.pace.throttled();
      because = errorDescription(error);
    }
  }
  return all('retry', because);
}

/**
 * Security Hub refuses the whole call if it cannot read one finding. Halving isolates that finding and updates the
 * others.
 */
async function inHalves({ update, findings }: UpdateCall, deps: FindingUpdateDeps): Promise<UpdateResult[]> {
  const half = Math.ceil(findings.length / 2);
  const first = await updateFindings({ update, findings: findings.slice(0, half) }, deps);
  return [...first, ...(await updateFindings({ update, findings: findings.slice(half) }, deps))];
}

function resultsOf(findings: readonly PendingFinding[], unprocessed: readonly UnprocessedFinding[]): UpdateResult[] {
  const refusals = new Map(unprocessed.map((each) => [`${each.productArn} ${each.id}`, each]));
  return findings.map((finding): UpdateResult => {
    const refusal = refusals.get(`${finding.productArn} ${finding.id}`);
    if (!refusal) return { finding, kind: 'done' };
    return { finding, kind: RETRYABLE.has(refusal.code) ? 'retry' : 'refused', because: refusal.because };
  });
}
