/**
 * Sets findings back to NEW whose suppression has ended, or has new criteria that do not cover them. Looks each one up
 * in Security Hub just before it sends its message, at most one every 400 ms. Somebody else's note on a finding stays,
 * and makes no difference: members of the organization may write notes.
 */
import { canonical } from '../contract/is-equal.ts';
import { Finding } from '../domain/finding.ts';
import { exceptionFacts, slimFinding } from '../domain/finding-names.ts';
import type { QueueMessage } from '../domain/job.ts';
import { noteOfEndedSuppression } from '../domain/notes.ts';
import { type Exception, exceptionFor, type SuturePolicy } from '../domain/policy.ts';
import { hash } from '../domain/trace.ts';
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
  for (const { id, criteria } of await deps.suppressions.list()) {
    const live = liveIn(await deps.policy.read(), id, deps.now());
    const digest = live && hash(canonical(live.criteria));
    if (digest !== undefined && digest === criteria) continue;
    const found = await releaseAll({ id, live }, deps, counts);
    if (found === undefined) break;
    // Only after a run that found none, because the index shows new records late.
    if (found > 0) continue;
    await (digest === undefined ? deps.suppressions.remove(id) : deps.suppressions.storeCriteria(id, digest));
  }
  return counts;
}

/** `live` is absent if it has ended. */
type HeldBy = { readonly id: string; readonly live: Exception | undefined };

/** Returns how many findings it held that it does not cover; undefined if the time is up. */
async function releaseAll(held: HeldBy, deps: ReleaseDeps, counts: ReleaseCounts): Promise<number | undefined> {
  let next: string | undefined;
  let found = 0;
  do {
    const page = await deps.queries.list({ suppression: held.id }, { next, limit: 100, oldestFirst: true });
    for (const { findingId } of page.items) {
      if (deps.timeLeft() < MIN_TIME_LEFT_MS) return undefined;
      const record = await deps.queries.record(findingId);
      // The index may be behind the record.
      if (record?.ofSuppression !== held.id || covers(held, record.job.finding, deps)) continue;
      const result = await releaseFinding(record, held.id, deps);
      if (result !== 'kept') {
        found += 1;
        counts[result] += 1;
      }
      await deps.sleep(PACE_MS);
    }
    next = page.next;
  } while (next !== undefined);
  return found;
}

const covers = ({ live }: HeldBy, finding: LedgerRecord['job']['finding'], { now }: ReleaseDeps): boolean =>
  live !== undefined && exceptionFor([live], exceptionFacts(finding), dayOf(now())) !== undefined;

/** `reopened`: the finding goes back to NEW. `kept`: as Security Hub has it now, the suppression covers it. */
async function releaseFinding(
  record: LedgerRecord,
  suppression: string,
  deps: ReleaseDeps,
): Promise<keyof ReleaseCounts | 'kept'> {
  const { policy, suppressions, findFinding, send } = deps;
  const verdict = releaseVerdict(record, await findFinding(record.job.finding), await policy.read(), deps.now());
  if (verdict.kind === 'move' && verdict.suppression === suppression) return 'kept';
  if (verdict.kind === 'reopen')
    await send({ v: 3, kind: 'reopen', job: verdict.job, note: noteOfEndedSuppression(suppression) });
  if (verdict.kind === 'move') await suppressions.add(verdict.suppression, record.changedAt);
  const reason = `the suppression ${suppression} has ended, or covers it no more; ${verdict.because}`;
  await suppressions.release(record, verdict.kind === 'move' ? { suppression: verdict.suppression } : { reason });
  return verdict.kind === 'reopen' ? 'reopened' : 'released';
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
  const other = exceptionFor(suppressions, exceptionFacts(finding), dayOf(now));
  if (other) return { kind: 'move', because: `${other.id} applies`, suppression: other.id };
  return { kind: 'reopen', because: 'it was set back to NEW', job: { ...job, finding } };
}

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

const liveIn = ({ suppressions }: SuturePolicy, id: string, now: number): Exception | undefined =>
  suppressions.find((each) => each.id === id && dayOf(now) <= each.expires);
