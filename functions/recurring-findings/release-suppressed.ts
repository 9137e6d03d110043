/**
 * Sets findings back to NEW whose suppression has ended: each is looked up in Security Hub just before its message is
 * sent, and so one every 400 ms. A note that somebody has written stays, but hides nothing: members of the organization
 * may write notes.
 */
import { Finding } from '../domain/finding.ts';
import { exceptionFacts, slimFinding } from '../domain/finding-names.ts';
import type { QueueMessage } from '../domain/job.ts';
import { noteOfEndedSuppression } from '../domain/notes.ts';
import { exceptionFor, type SuturePolicy } from '../domain/policy.ts';
import type { Clock } from '../ports/clock.ts';
import type { LedgerQueries, LedgerRecord } from '../ports/ledger-queries.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { FindFinding } from '../ports/security-hub.ts';
import type { Suppressions } from '../ports/suppressions.ts';

export type ReleaseDeps = Pick<Clock, 'now' | 'sleep'> & {
  readonly policy: PolicySource;
  readonly suppressions: Suppressions;
  readonly queries: Pick<LedgerQueries, 'list' | 'record'>;
  readonly findFinding: FindFinding;
  readonly send: (message: QueueMessage) => Promise<unknown>;
  readonly timeLeft: () => number;
};
export type ReleaseCounts = { reopened: number; released: number };

/** GetFindings allows three calls a second, and other functions need some. */
const PACE_MS = 400;
const MIN_TIME_LEFT_MS = 60_000;

/** Continues in its next run with what it does not reach in time. */
export async function releaseSuppressed(deps: ReleaseDeps): Promise<ReleaseCounts> {
  const counts: ReleaseCounts = { reopened: 0, released: 0 };
  for (const { id } of await deps.suppressions.list()) {
    if (isLive(id, await deps.policy.read(), deps)) continue;
    if (!(await releaseAll(id, deps, counts))) break;
  }
  return counts;
}

/** Returns false if the time is up. */
async function releaseAll(suppression: string, deps: ReleaseDeps, counts: ReleaseCounts): Promise<boolean> {
  let next: string | undefined;
  let found = 0;
  do {
    const page = await deps.queries.list({ suppression }, { next, limit: 100, oldestFirst: true });
    for (const { findingId } of page.items) {
      if (deps.timeLeft() < MIN_TIME_LEFT_MS) return false;
      const record = await deps.queries.record(findingId);
      // The index may be behind the record.
      if (record?.ofSuppression !== suppression) continue;
      found += 1;
      const isReopened = await releaseFinding(record, suppression, deps);
      counts[isReopened ? 'reopened' : 'released'] += 1;
      await deps.sleep(PACE_MS);
    }
    next = page.next;
  } while (next !== undefined);
  // Not before a run has found none, because the index shows new records late.
  if (found === 0) await deps.suppressions.remove(suppression);
  return true;
}

/** Returns whether the finding goes back to NEW. */
async function releaseFinding(record: LedgerRecord, suppression: string, deps: ReleaseDeps): Promise<boolean> {
  const { policy, suppressions, findFinding, send } = deps;
  const verdict = releaseVerdict(record, await findFinding(record.job.finding), await policy.read(), deps.now());
  if (verdict.kind === 'reopen')
    await send({ v: 3, kind: 'reopen', job: verdict.job, note: noteOfEndedSuppression(suppression) });
  if (verdict.kind === 'move') await suppressions.add(verdict.suppression, record.changedAt);
  const reason = `the suppression ${suppression} has ended; ${verdict.because}`;
  await suppressions.release(record, verdict.kind === 'move' ? { suppression: verdict.suppression } : { reason });
  return verdict.kind === 'reopen';
}

type ReleaseVerdict = { readonly because: string } & (
  | { readonly kind: 'reopen'; readonly job: LedgerRecord['job'] }
  | { readonly kind: 'leave' }
  /** Another suppression of the live policy archives the finding. */
  | { readonly kind: 'move'; readonly suppression: string }
);

export function releaseVerdict(
  { job }: Pick<LedgerRecord, 'job'>,
  raw: unknown,
  { suppressions }: SuturePolicy,
  now: number,
): ReleaseVerdict {
  const parsed = Finding.safeParse(raw);
  if (!parsed.success) return { kind: 'leave', because: 'Security Hub has no such finding' };
  const { RecordState, Workflow, Compliance } = parsed.data;
  if (RecordState !== 'ACTIVE' || Compliance?.Status === 'PASSED')
    return { kind: 'leave', because: 'the finding is not active any more' };
  if (Workflow.Status !== 'SUPPRESSED') return { kind: 'leave', because: `the finding is ${Workflow.Status}` };
  const finding = {
    ...slimFinding(parsed.data),
    control: job.finding.control,
    ouPath: job.finding.ouPath,
    unitIds: job.finding.unitIds,
  };
  const other = exceptionFor(suppressions, exceptionFacts(finding), new Date(now).toISOString().slice(0, 10));
  if (other) return { kind: 'move', because: `${other.id} applies`, suppression: other.id };
  return { kind: 'reopen', because: 'it was set back to NEW', job: { ...job, finding } };
}

const isLive = (id: string, { suppressions }: SuturePolicy, { now }: Pick<Clock, 'now'>): boolean => {
  const today = new Date(now()).toISOString().slice(0, 10);
  return suppressions.some((each) => each.id === id && today <= each.expires);
};
