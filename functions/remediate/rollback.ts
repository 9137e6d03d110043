/** Rollback: restores the state before a change. */
import { SutureError } from '../contract/errors.ts';
import { same } from '../contract/same.ts';
import type { JournalEntry } from '../domain/journal.ts';
import { type EngineResult, type EngineRun, lossOf, writeTargets } from './run.ts';
import { READ_PAUSES_MS } from './verify.ts';

/**
 * Refuses a resource that has changed since, unless the request forces it; then that later change is lost.
 * @throws SutureError RollbackFailed where the restored state does not show
 */
export async function rollback(run: EngineRun): Promise<EngineResult> {
  const { module, request, deps, context } = run;
  const { execution } = request;
  const name = nameOfChange(run);
  const entry = await deps.journal.newest(run.key);
  if (!entry) return { kind: 'refused', because: `the journal holds no change of ${name}` };
  // This execution has done it, and died before it could say so.
  if (entry.status === 'rolledBack' && entry.execution === execution) return restored(run, entry, entry.after);
  if (entry.status === 'rolledBack') return { kind: 'refused', because: `${name} was rolled back already` };
  const loss = lossOf(module, entry.before, entry.after);
  if (loss) return { kind: 'refused', because: `cannot be undone: ${loss}` };

  const current = await module.read(context);
  if (same(current, entry.before)) {
    await deps.journal.put({ ...entry, status: 'rolledBack', execution });
    return { kind: 'compliant', because: 'the resource is already as it was before' };
  }
  if (current === undefined) return { kind: 'refused', because: 'the resource is gone' };
  const isOwnPartialRollback = entry.status === 'rollingBack' && entry.execution === execution;
  if (!same(current, entry.after) && !isOwnPartialRollback && !request.force)
    return {
      kind: 'refused',
      because: `the resource has changed since: it is ${JSON.stringify(current)}, not ${JSON.stringify(entry.after)}`,
    };
  return restore(run, entry, current);
}

async function restore(run: EngineRun, entry: JournalEntry, current: unknown): Promise<EngineResult> {
  const { module, request, deps, context } = run;
  // Before the first write, so that a rerun does not take its own partial rollback for somebody else's change.
  await deps.journal.put({ ...entry, status: 'rollingBack', execution: request.execution });
  await writeTargets(run, entry.targets, current, entry.before);
  for (const pause of [...READ_PAUSES_MS, ...READ_PAUSES_MS, undefined]) {
    const observed = await module.read(context);
    if (same(observed, entry.before)) {
      await deps.journal.mark(entry, 'rolledBack');
      return restored(run, entry, current);
    }
    if (pause !== undefined) await deps.sleep(pause);
  }
  throw new SutureError(
    'RollbackFailed',
    `The state before ${nameOfChange(run)} was written back, but the resource does not show it. Look at it by hand.`,
  );
}

const nameOfChange = ({ module, request }: EngineRun) => `${module.id} for ${request.finding.id}`;

const restored = ({ module }: EngineRun, { before }: JournalEntry, from: unknown): EngineResult => ({
  kind: 'fixed',
  before: from,
  after: before,
  summary: `restored: ${module.summary(from, before)}`,
});
