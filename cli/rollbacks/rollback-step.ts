import { reasonOf } from '../../functions/domain/ledger.ts';
import type { HistoryLine } from '../../functions/ports/ledger-queries.ts';

export type RollbackStep = {
  readonly findingId: string;
  readonly control?: string;
  readonly account?: string;
  readonly resource?: string;
  readonly execution: string;
  readonly started: string;
  /** The change: its target, and when it was recorded. */
  readonly target: string;
  readonly at: string;
  readonly summary: string;
  /** The state that the fix left, and the state that rollback restores. */
  readonly from: unknown;
  readonly to: unknown;
};

/**
 * Returns the newest change of this finding, or why there is nothing to undo. A failed execution counts, because it may
 * have begun to write.
 */
export function rollbackStep(findingId: string, history: readonly HistoryLine[]): RollbackStep | string {
  const last = history.findLastIndex(
    ({ outcome, job: { work, result } }) =>
      outcome === 'FIXED' ||
      (outcome === 'FAILED' && work?.mode === 'apply') ||
      (outcome === 'REFUSED' && result !== undefined && 'version' in result),
  );
  const line = history[last];
  if (!line) return neverChanged(history.at(-1));
  const undone = history.slice(last).find(({ outcome }) => outcome === 'ROLLED_BACK');
  if (undone) return `undone already, by ${undone.job.askedBy ?? 'somebody'} at ${undone.at}`;
  const { finding, execution, started, result, work } = line.job;
  const change =
    result && 'before' in result
      ? result
      : { before: undefined, after: undefined, summary: 'failed: the journal says whether it wrote anything' };
  return {
    findingId,
    control: finding.control,
    account: finding.account,
    resource: finding.resource?.Id,
    execution,
    started,
    target: [work?.remediation, finding.account, finding.resource?.Id].join(' '),
    at: line.at,
    summary: change.summary ?? 'a part of the change',
    from: change.after,
    to: change.before,
  };
}

const neverChanged = (last: HistoryLine | undefined): string =>
  `never changed by Suture${last ? `; it is ${last.outcome.toLowerCase()} since ${last.at}: ${reasonOf(last.job)}` : ', which has not handled it to an end'}`;
