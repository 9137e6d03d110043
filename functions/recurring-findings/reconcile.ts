import { eventOfReopening } from '../domain/events.ts';
import type { QueueMessage } from '../domain/job.ts';
import { noteOfReopening } from '../domain/notes.ts';
import type { Publish } from '../ports/events.ts';
import type { LedgerQueries, LedgerRecord } from '../ports/ledger-queries.ts';
import type { Reopenings } from '../ports/reopenings.ts';
import type { NotifiedFindings } from '../ports/security-hub.ts';
import { recurrenceVerdict } from './decide.ts';

export type ReconcileDeps = {
  readonly notifiedFindings: NotifiedFindings;
  readonly queries: LedgerQueries;
  readonly reopenings: Reopenings;
  readonly send: (message: QueueMessage) => Promise<unknown>;
  readonly publish: Publish;
  readonly now: () => number;
  readonly timeLeft: () => number;
};

export type RecurrenceCounts = { readonly examined: number; readonly reopened: number; readonly givenUp: number };

/** Reserved for the findings that were listed, and for the daily count. */
const MIN_TIME_LEFT_MS = 7 * 60_000;

/** Stops to list when the time is short, so that a flood of findings does not prevent the reopening of listed ones. */
export async function reconcile(deps: ReconcileDeps): Promise<RecurrenceCounts> {
  const ids: string[] = [];
  for await (const page of deps.notifiedFindings()) {
    ids.push(...page);
    if (deps.timeLeft() < MIN_TIME_LEFT_MS) break;
  }
  // After the last page, because each update removes a finding from the list that is being paged through.
  let reopened = 0;
  let givenUp = 0;
  for (const id of ids) {
    const result = await reconcileFinding(id, deps);
    if (result === 'reopened') reopened += 1;
    if (result === 'givenUp') givenUp += 1;
  }
  return { examined: ids.length, reopened, givenUp };
}

async function reconcileFinding(findingId: string, deps: ReconcileDeps): Promise<'left' | 'reopened' | 'givenUp'> {
  const record = await deps.queries.record(findingId);
  const now = deps.now();
  const verdict = recurrenceVerdict(record, now);
  if (verdict.kind === 'leave') return 'left';
  if (verdict.kind === 'givenUp') return 'givenUp';
  if (verdict.kind === 'giveUp') {
    if (!(await deps.reopenings.giveUp(record!, verdict.times, now))) return 'left';
    await deps.publish([eventOfReopening(record!.job, 'unresolved', verdict.times, new Date(now).toISOString())]);
    return 'givenUp';
  }
  return reopen(record!, verdict, now, deps);
}

async function reopen(
  record: LedgerRecord,
  { times, counted }: { readonly times: number; readonly counted: boolean },
  now: number,
  { reopenings, send, publish }: ReconcileDeps,
): Promise<'left' | 'reopened'> {
  if (!counted && !(await reopenings.count(record, times, now))) return 'left';
  await send({ v: 3, kind: 'reopen', job: record.job, note: noteOfReopening(times) });
  await publish([eventOfReopening(record.job, 'reopened', times, new Date(now).toISOString())]);
  return 'reopened';
}
