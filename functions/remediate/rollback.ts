/** Rollback: restores the state before a change. */
import { commandToReplay, SutureError } from '../contract/errors.ts';
import { isEqual } from '../contract/is-equal.ts';
import type { JournalEntry, UndoneChange } from '../domain/journal.ts';
import { lockedCopyOf } from './locked-copy.ts';
import { type EngineResult, type EngineRun, lossOf, shownState, shownText, writeTargets } from './run.ts';
import { READ_PAUSES_MS, throwWhilePending } from './verify.ts';

/**
 * Undoes the newest change of the target that is not undone, if the request names exactly that change. Refuses a
 * resource that has changed since, unless the request forces it; then that later change is lost.
 * @throws SutureError ChangePending while the restored state may still show, RollbackFailed afterwards
 */
export async function rollback(run: EngineRun): Promise<EngineResult> {
  const { module, request, deps, context } = run;
  const { execution, undo } = request;
  if (!undo)
    throw new SutureError('ConfigurationInvalid', 'The rollback names no change. Start it with suture rollback.');
  const found = undoable(await deps.journal.entries(run.key), run, undo);
  if ('refused' in found) return { kind: 'refused', because: found.refused };
  // This execution has done it, and died before it could report that.
  if (found.entry.status === 'rolledBack') return restored(run, found.entry, found.entry.after);
  const copied = await lockedCopyOf(run, found.entry);
  if ('refused' in copied) return { kind: 'refused', because: copied.refused };
  const entry: JournalEntry = { ...found.entry, before: copied.copy.before, targets: copied.copy.targets };
  const loss = lossOf(module, entry.before, entry.after);
  if (loss) return { kind: 'refused', because: `cannot be undone: ${loss}` };

  const isOwn = entry.status === 'rollingBack' && entry.undoneBy === execution;
  // All writes of this execution were made.
  if (isOwn && entry.writtenAt !== undefined) return verifyRestored(run, entry, entry.after);

  const current = await module.read(context);
  if (isEqual(current, entry.before)) {
    await deps.journal.put({ ...entry, status: 'rolledBack', undoneBy: execution });
    return { kind: 'compliant', because: 'the resource is already as it was before' };
  }
  if (current === undefined) return { kind: 'refused', because: 'the resource is gone' };
  if (!isEqual(current, entry.after) && !isOwn && !request.force)
    return {
      kind: 'refused',
      because: `the resource has changed since: it is ${shownText(run, current)}, not ${shownText(run, entry.after)}`,
    };
  return restore(run, entry, current);
}

/** Returns the entry that the request may undo, or that this execution has undone; otherwise why there is none. */
function undoable(
  entries: readonly JournalEntry[],
  run: EngineRun,
  undo: UndoneChange,
): { readonly entry: JournalEntry } | { readonly refused: string } {
  const own = entries.find(({ status, undoneBy }) => status === 'rolledBack' && undoneBy === run.request.execution);
  const entry = own ?? entries.find(({ status }) => status !== 'rolledBack');
  if (!entry) {
    const wasUndone = entries.some((each) => differences(each, run, undo).length === 0);
    return { refused: wasUndone ? `${nameOf(run)} was rolled back already` : `the journal holds no ${nameOf(run)}` };
  }
  const lines = differences(entry, run, undo);
  if (lines.length === 0) return { entry };
  return { refused: `the request differs from the journal's newest ${nameOf(run)}: ${lines.join('; ')}` };
}

/** Returns what of the request differs from the journal's entry. */
function differences(entry: JournalEntry, { module, request, arn, version }: EngineRun, undo: UndoneChange): string[] {
  const { partition, account, region } = request.finding;
  const asked = { partition, account, region, target: arn, params: request.params, ...undo };
  const members = ['partition', 'account', 'region', 'target', 'params', 'version', 'execution', 'approval'] as const;
  const lines = members
    .filter((member) => !isEqual(entry[member], asked[member]))
    .map((member) => `${member} is ${shown(asked[member])}, in the journal ${shown(entry[member])}`);
  if (entry.version !== version)
    lines.push(`it was made by version ${entry.version} of ${module.id}, now it is ${version}`);
  else if (!module.state.safeParse(entry.before).success) lines.push(`its state before is not one of ${module.id}`);
  return lines;
}

const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));

async function restore(run: EngineRun, entry: JournalEntry, current: unknown): Promise<EngineResult> {
  const { request, deps } = run;
  const rollingBack = { ...entry, status: 'rollingBack' as const, undoneBy: request.execution, writtenAt: undefined };
  // Before the first write, so that a rerun does not take its own partial rollback for somebody else's change.
  await deps.journal.put(rollingBack);
  const refusal = await writeTargets(run, entry.targets, current, entry.before);
  if (refusal) {
    await deps.journal.mark(entry, entry.status);
    return { kind: 'refused', because: refusal.refused };
  }
  const writtenAt = deps.now();
  await deps.journal.mark(rollingBack, 'rollingBack', writtenAt);
  return verifyRestored(run, { ...rollingBack, writtenAt }, current);
}

/**
 * Reads the resource until it shows the restored state.
 * @throws SutureError ChangePending while the state may still show, RollbackFailed afterwards
 */
async function verifyRestored(run: EngineRun, entry: JournalEntry, from: unknown): Promise<EngineResult> {
  const { module, deps, context } = run;
  for (const pause of [...READ_PAUSES_MS, ...READ_PAUSES_MS, undefined]) {
    const observed = await module.read(context);
    if (isEqual(observed, entry.before)) {
      await deps.journal.mark(entry, 'rolledBack');
      return restored(run, entry, from);
    }
    if (pause !== undefined) await deps.sleep(pause);
  }
  throwWhilePending(run, entry);
  // The next run writes it again.
  await deps.journal.put({ ...entry, writtenAt: undefined });
  throw new SutureError(
    'RollbackFailed',
    `The state before the ${nameOf(run)} was written back, but the resource does not show it. Look at it by hand, then replay the rollback: ${commandToReplay('RollbackFailed')}`,
  );
}

const nameOf = ({ module, arn }: EngineRun) => `change of ${arn} by ${module.id}`;

const restored = (run: EngineRun, { before }: JournalEntry, from: unknown): EngineResult => ({
  kind: 'fixed',
  before: shownState(run, from),
  after: shownState(run, before),
  summary: `restored: ${run.module.summary(from, before)}`,
  version: run.version,
});
