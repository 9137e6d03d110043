/**
 * Runs a remediation in four steps: resume what this execution left unfinished, assess the resource, permit the change,
 * apply it. All of it derives from the module's read, want and write. Only the module's own clients call AWS.
 */

import { isEqual } from '../contract/is-equal.ts';
import { isRefusal, type Refusal, type Remediation } from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import type { JournalEntry } from '../domain/journal.ts';
import { copyIfKept, keepCopy, lockedCopyOf } from './locked-copy.ts';
import { type Change, type End, end, type PermittedChange, permit, type Resumed, undoLost } from './permit.ts';
import { rollback } from './rollback.ts';
import { type EngineDeps, type EngineResult, type EngineRun, openRun, shownState, writeTargets } from './run.ts';
import { closeEntry, fixedResult, throwWhilePending, verify } from './verify.ts';

export type { EngineDeps, EngineResult } from './run.ts';

/** Runs one request on one finding's resource. Changes nothing in modes other than `apply` and `rollback`. */
export async function runRemediation(
  module: Remediation,
  request: RemediationRequest,
  deps: EngineDeps,
): Promise<EngineResult> {
  const run = await openRun(module, request, deps);
  if (!run) return goneResult(module, request);
  if (request.mode === 'rollback') return rollback(run);

  const resumed = await resume(run);
  if ('result' in resumed) return resumed.result;

  const change = await assess(run, resumed);
  if ('result' in change) return change.result;

  const permitted = await permit(run, change);
  if ('result' in permitted) return permitted.result;

  return apply(run, permitted);
}

const GONE = 'the resource is gone';

const goneResult = ({ title }: Remediation, { mode }: RemediationRequest): EngineResult =>
  mode === 'rollback' ? { kind: 'refused', because: GONE } : { kind: 'compliant', because: `${title}: ${GONE}` };

const UNFINISHED: readonly JournalEntry['status'][] = ['open', 'written', 'rollingBack'];

/** Finds the unfinished change of the target. If all writes of this execution were made, only verification is left. */
async function resume(run: EngineRun): Promise<Resumed | End> {
  const { deps, key, request } = run;
  const entries = await deps.journal.entries(key);
  const [newest] = entries;
  const earlier = entries.filter(({ execution, status }) => execution !== request.execution && status === 'done');
  const finished = entries.find((entry) => entry.execution === request.execution && isFinished(entry));
  if (!newest || !UNFINISHED.includes(newest.status)) return { newest, earlier, finished };
  if (!isOwn(newest, run)) return { newest, earlier, finished, abandoned: newest };
  if (newest.status === 'written') return end(await verify(run, newest));
  return resumeOpen(run, newest, earlier);
}

const isFinished = ({ status, undoneBy }: JournalEntry): boolean =>
  status === 'done' || (status === 'rolledBack' && undoneBy !== undefined);

/**
 * The locked copy precedes the first write. Without it this execution has written nothing, and the entry, which the
 * function's own role can change, proves nothing.
 */
async function resumeOpen(
  run: EngineRun,
  newest: JournalEntry,
  earlier: readonly JournalEntry[],
): Promise<Resumed | End> {
  const copied = await copyIfKept(run, newest);
  if (!copied) return { newest, earlier, unwritten: newest };
  return 'refused' in copied ? end({ kind: 'refused', because: copied.refused }) : { newest, earlier, own: newest };
}

const isOwn = ({ status, execution, version }: JournalEntry, run: EngineRun): boolean =>
  status !== 'rollingBack' && execution === run.request.execution && version === run.version;

/** Compares the resource with what the module wants. Ends the run if nothing is to change, or if the module objects. */
async function assess(run: EngineRun, resumed: Resumed): Promise<Change | End> {
  const { module, context, deps, request } = run;
  const { newest, own, abandoned } = resumed;
  const before = await module.read(context);
  if (before === undefined) {
    if (own) await deps.journal.mark(own, 'done');
    return end(goneResult(module, request));
  }
  if (request.unmet !== undefined) return end({ kind: 'refused', because: request.unmet });
  const wanted = module.want(before, context);
  if (isRefusal(wanted)) return end({ kind: 'refused', because: wanted.refused });
  if (isEqual(before, wanted)) {
    if (own) return end(await closeEntry(run, own, before));
    // This execution has fixed it, and died before it could report that.
    if (newest?.status === 'done' && newest.execution === request.execution) return end(fixedResult(run, newest));
    // The change of the other execution holds, and stays its own: a rollback names that execution.
    if (request.mode === 'apply' && abandoned && isChange(abandoned) && isEqual(before, abandoned.after))
      await deps.journal.mark(abandoned, 'done');
    return end({ kind: 'compliant', because: 'the resource is already as it should be' });
  }
  if (resumed.finished) return end(afterFinish(run, resumed.finished));
  const objection = own ? undefined : await module.objection?.(context);
  return objection ? end({ kind: 'refused', because: objection.refused }) : { ...resumed, before, wanted };
}

const isChange = ({ status }: JournalEntry) => status === 'open' || status === 'written';

/**
 * Returns the end of an execution that made its change before. A repeated request does not make it again, for example
 * after a rollback.
 * @throws SutureError ChangePending while a read may still be stale
 */
function afterFinish(run: EngineRun, finished: JournalEntry): EngineResult {
  if (finished.status === 'done' && finished.writtenAt !== undefined) throwWhilePending(run, finished);
  const { kind: _, ...change } = fixedResult(run, finished) as Extract<EngineResult, { kind: 'fixed' }>;
  const since = finished.status === 'done' ? 'and the resource has changed since' : 'and the change was rolled back';
  return { kind: 'refused', because: `this execution has made its change, ${since}`, ...change };
}

/** Keeps the state before in the journal, writes, and verifies. */
async function apply(run: EngineRun, change: PermittedChange): Promise<EngineResult> {
  const { module, deps, context } = run;
  const { before, wanted } = change;
  const untrusted = await untrustedUndo(run, change);
  if (untrusted) return { kind: 'refused', because: untrusted };
  const targets = module.targets?.(before, context) ?? [context.target];
  const entry = entryOf(run, change, targets);
  await deps.journal.put(entry);
  const kept = await keepCopy(run, entry);
  if ('refused' in kept) return { kind: 'refused', because: kept.refused };
  const refusal = await writeTargets(run, targets, before, wanted);
  if (refusal) return refusedInWriting(run, entry, refusal);
  const writtenAt = deps.now();
  await deps.journal.mark(entry, 'written', writtenAt);
  return verify(run, { ...entry, status: 'written', writtenAt });
}

/**
 * Returns why this execution cannot take over `before` from another execution's change; undefined if it can. A resource
 * that still is in that state proves it.
 */
async function untrustedUndo(run: EngineRun, change: PermittedChange): Promise<string | undefined> {
  const { own, abandoned, before } = change;
  if (own || !abandoned || undoLost(run, change) || isEqual(before, abandoned.before)) return undefined;
  const copied = await lockedCopyOf(run, abandoned);
  return 'refused' in copied ? copied.refused : undefined;
}

/** Ends a change that exceeds one of AWS's limits. The part that was written can be undone. */
async function refusedInWriting(run: EngineRun, entry: JournalEntry, { refused }: Refusal): Promise<EngineResult> {
  const { module, deps, context, version } = run;
  const after = await module.read(context);
  if (after === undefined || isEqual(after, entry.before)) {
    await deps.journal.mark(entry, 'rolledBack');
    return { kind: 'refused', because: refused };
  }
  await deps.journal.put({ ...entry, after, status: 'done' });
  const { before } = entry;
  const summary = module.summary(before, after) + entry.note;
  const [from, to] = [before, after].map((state) => shownState(run, state));
  return {
    kind: 'refused',
    because: `${summary}; for the rest, ${refused}`,
    before: from,
    after: to,
    summary,
    version,
  };
}

/** An unfinished change keeps its entry with the oldest `before`, unless that undo is lost. */
function entryOf(run: EngineRun, change: PermittedChange, targets: readonly Record<string, string>[]): JournalEntry {
  const { deps, request, key, version, arn } = run;
  const { newest, own, unwritten, abandoned, before, wanted, note, managedBy, patch, reverted } = change;
  const kept = own ?? (undoLost(run, change) ? undefined : abandoned);
  const { partition, account, region } = request.finding;
  // Targets that were changed before a crash are no longer among the current ones.
  const known = kept?.targets ?? [];
  const added = targets.filter((target) => !known.some((each) => isEqual(each, target)));
  return {
    v: 3,
    key,
    at: (kept ?? unwritten)?.at ?? timeAfter(newest, deps.now()),
    status: 'open',
    partition,
    account,
    region,
    target: arn,
    params: request.params,
    version,
    execution: request.execution,
    approval: request.approval,
    targets: [...known, ...added],
    before: kept ? kept.before : before,
    after: wanted,
    note: own ? own.note : note,
    ...(managedBy && { managedBy }),
    ...(patch && { patch }),
    ...(reverted && { reverted }),
  };
}

/** Returns the entry's sort key: later than the newest entry's, even if the clock of that one was ahead. */
const timeAfter = (newest: JournalEntry | undefined, now: number): string =>
  new Date(newest ? Math.max(now, Date.parse(newest.at) + 1) : now).toISOString();
