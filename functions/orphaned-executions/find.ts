/** Finds executions that ended without the ledger's knowledge, because their event was lost or could not be handled. */
import type { EndedExecution } from '../domain/ended-execution.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, FailedExecution } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LedgerListItem, LedgerQueries } from '../ports/ledger-queries.ts';

export type FindDeps = Pick<Clock, 'now'> & {
  readonly executions: Executions;
  readonly queries: LedgerQueries;
  readonly ledger: Ledger;
  readonly send: (ended: EndedExecution) => Promise<unknown>;
};

export type OrphanCounts = {
  /** Failed executions without a line in the ledger. */
  readonly failed: number;
  /** Findings that were open or waiting although their execution had ended. */
  readonly unclosed: number;
};

/** At this age, an event counts as lost. */
export const LATE_MS = 15 * 60_000;

/** Sends executions that failed since then, and ended executions of open records, to the failures queue. */
export async function findOrphanedExecutions(since: number, deps: FindDeps): Promise<OrphanCounts> {
  let failed = 0;
  for await (const { stoppedAt, ...ended } of deps.executions.failedSince(since)) {
    if (stoppedAt >= deps.now() - LATE_MS || (await isKnown({ stoppedAt, ...ended }, deps))) continue;
    await deps.send(ended);
    failed += 1;
  }
  let unclosed = 0;
  for await (const item of openRecords(LATE_MS, deps)) if (await closeOrphan(item, deps)) unclosed += 1;
  return { failed, unclosed };
}

/** A redriven execution may have failed twice, so the ledger's line must be as late as the end. */
async function isKnown({ execution, stoppedAt }: FailedExecution, { queries }: FindDeps): Promise<boolean> {
  const line = (await queries.byExecution(execution))?.line;
  return line?.failure !== undefined && Date.parse(line.failure.at) >= stoppedAt - 1000;
}

async function* openRecords(minAgeMs: number, { queries, now }: FindDeps): AsyncGenerator<LedgerListItem> {
  const until = new Date(now() - minAgeMs).toISOString();
  for (const status of ['OPEN', 'WAITING'] as const) {
    let next: string | undefined;
    do {
      const page = await queries.list({ status, until }, { next, oldestFirst: true });
      yield* page.items;
      next = page.next;
    } while (next);
  }
}

/**
 * Sends the record's execution if it has ended. If Step Functions no longer knows it, records the finding as failed.
 */
async function closeOrphan({ findingId, lastExecution }: LedgerListItem, deps: FindDeps): Promise<boolean> {
  const { executions, queries, ledger, send, now } = deps;
  const end = await executions.end(lastExecution);
  if (end === 'running') return false;
  if (end !== 'gone') {
    await send(end);
    return true;
  }
  const record = await queries.record(findingId);
  if (record?.lastExecution !== lastExecution) return false;
  const message = 'Step Functions no longer knows the execution: it ended more than 90 days ago. Replay it.';
  await ledger.fail(record.job, { error: 'ExecutionGone', message, at: new Date(now()).toISOString() }, false);
  return true;
}
