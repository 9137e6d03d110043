/**
 * Counts, by account, failing findings that are not NEW although Suture did not set them aside: nothing handles them any
 * more, and suppressed ones are missing in the security score.
 */
import { type FindingStatus, STILL_FAILING } from '../domain/ledger.ts';
import { isNotedBefore } from '../domain/notes.ts';
import type { HiddenCounts } from '../ports/hidden-findings.ts';
import type { LedgerQueries, LedgerRecord } from '../ports/ledger-queries.ts';
import type { SetAsideFinding, SetAsideFindings } from '../ports/security-hub.ts';

export type HiddenDeps = {
  readonly setAsideFindings: SetAsideFindings;
  readonly queries: Pick<LedgerQueries, 'record'>;
  readonly timeLeft: () => number;
};

const MIN_TIME_LEFT_MS = 30_000;
/** Ends, and states on the way to them, after which Suture has set a finding to NOTIFIED. */
const NOTIFIED_BY_SUTURE: ReadonlySet<FindingStatus> = new Set([
  'OPEN',
  'WAITING',
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'NOTIFIED',
  'ROLLED_BACK',
]);

/** `isComplete`: the time sufficed for all findings. */
export async function countHidden({
  setAsideFindings,
  queries,
  timeLeft,
}: HiddenDeps): Promise<{ readonly counts: HiddenCounts; readonly isComplete: boolean }> {
  const counts: Record<string, number> = {};
  for await (const page of setAsideFindings()) {
    if (timeLeft() < MIN_TIME_LEFT_MS) return { counts, isComplete: false };
    const records = await Promise.all(page.map(({ id }) => queries.record(id)));
    for (const [n, finding] of page.entries())
      if (!isOurs(finding, records[n])) counts[finding.account] = (counts[finding.account] ?? 0) + 1;
  }
  return { counts, isComplete: true };
}

/** Whether Suture set the finding aside. It never sets one to RESOLVED. */
export function isOurs(
  { status }: SetAsideFinding,
  record: Pick<LedgerRecord, 'ofStatus' | 'error' | 'job'> | undefined,
): boolean {
  if (!record) return false;
  if (status === 'SUPPRESSED') return record.ofStatus === 'ARCHIVED';
  // It failed after it was fixed, or after its owner or an approver was told.
  const wasNotified = record.ofStatus === 'FAILED' && (record.error === STILL_FAILING || isNotedBefore(record.job));
  return status === 'NOTIFIED' && (NOTIFIED_BY_SUTURE.has(record.ofStatus) || wasNotified);
}
