/**
 * Runs a remediation in four steps: resume what an earlier run left unfinished, assess the resource, permit the change, apply
 * it. All of it derives from the module's read, want and write. Only the module's own clients call AWS.
 */
import { isRefusal, type Remediation, type ResourceTags } from '../contract/remediation.ts';
import { same } from '../contract/same.ts';
import type { RemediationRequest } from '../domain/job.ts';
import type { JournalEntry } from '../domain/journal.ts';
import { ownerNote } from '../domain/owner.ts';
import { type Mode, modeByTags } from '../domain/policy.ts';
import { rollback } from './rollback.ts';
import { type EngineDeps, type EngineResult, type EngineRun, lossOf, openRun, writeTargets } from './run.ts';
import { finish, fixed, verify } from './verify.ts';

export type { EngineDeps, EngineResult } from './run.ts';

/** Runs one request on one finding's resource. Changes nothing in modes other than `apply` and `rollback`. */
export async function runRemediation(
  module: Remediation,
  request: RemediationRequest,
  deps: EngineDeps,
): Promise<EngineResult> {
  const run = await openRun(module, request, deps);
  if (request.mode === 'rollback') return rollback(run);

  const resumed = await resume(run);
  if ('result' in resumed) return resumed.result;

  const change = await assess(run, resumed);
  if ('result' in change) return change.result;

  const permitted = await permit(run, change);
  if ('result' in permitted) return permitted.result;

  return apply(run, permitted);
}

/** A step that ends the run. */
type End = { readonly result: EngineResult };
const end = (result: EngineResult): End => ({ result });

type Resumed = {
  /** The newest change of this finding by this remediation, by any execution. */
  readonly newest?: JournalEntry;
  /** The same where it was not finished; from here on it is this execution's. */
  readonly unfinished?: JournalEntry;
};
type Change = Resumed & { readonly before: unknown; readonly wanted: unknown };
type PermittedChange = Change & { readonly note: string };

/** Finds the unfinished change of an earlier run. If all of its writes were made, only verification is left. */
async function resume(run: EngineRun): Promise<Resumed | End> {
  const { request, deps, key } = run;
  const newest = request.mode === 'apply' ? await deps.journal.newest(key) : undefined;
  if (newest?.status !== 'open' && newest?.status !== 'written') return { newest };
  const unfinished = { ...newest, execution: request.execution };
  return unfinished.status === 'written' ? end(await verify(run, unfinished)) : { newest, unfinished };
}

/** Compares the resource with what the module wants. Ends where nothing is to change, or where the module objects. */
async function assess(run: EngineRun, resumed: Resumed): Promise<Change | End> {
  const { module, context, deps } = run;
  const { newest, unfinished } = resumed;
  const before = await module.read(context);
  if (before === undefined) {
    if (unfinished) await deps.journal.mark(unfinished, 'done');
    return end({ kind: 'compliant', because: `${module.title}: the resource is gone` });
  }
  const wanted = module.want(before, context);
  if (isRefusal(wanted)) return end({ kind: 'refused', because: wanted.refused });
  if (same(before, wanted)) {
    if (unfinished) return end(await finish(run, unfinished, before));
    // This execution has fixed it, and died before it could say so.
    if (newest?.status === 'done' && newest.execution === run.request.execution) return end(fixed(run, newest));
    return end({ kind: 'compliant', because: 'the resource is already as it should be' });
  }
  const objection = unfinished ? undefined : await module.objection?.(context);
  return objection ? end({ kind: 'refused', because: objection.refused }) : { ...resumed, before, wanted };
}

/** Applies policy with the live tags. Ends with a plan where the change may not be made, or not without approval. */
async function permit(run: EngineRun, change: Change): Promise<PermittedChange | End> {
  const { module, request, context } = run;
  const { before, wanted, unfinished } = change;
  if (unfinished) return { ...change, note: unfinished.note };
  const tags: ResourceTags = (await module.tags?.(context)) ?? {};
  const note = ownerNote(tags);
  const { mode, tag } = allowedMode(request, tags);
  if (mode === 'off') return end({ kind: 'refused', because: `policy says off for resources tagged ${tag}` });
  const isAllowed = mode === 'auto' || (mode === 'approve' && request.approved);
  if (request.mode === 'apply' && isAllowed) return { ...change, note };
  const loses = lossOf(module, before, wanted);
  return end({
    kind: 'planned',
    before,
    after: wanted,
    summary: module.summary(before, wanted) + note,
    ...(mode === 'approve' && { awaits: 'approval' as const }),
    ...(loses && { loses }),
  });
}

/** Returns the mode that policy allows; a rule for a live tag precedes the rule for all resources. */
const allowedMode = (
  { policy }: RemediationRequest,
  tags: ResourceTags,
): { readonly mode: Mode; readonly tag?: string } => modeByTags(policy.tags, tags) ?? { mode: policy.mode };

/** Keeps the state before in the journal, writes, and verifies. */
async function apply(run: EngineRun, change: PermittedChange): Promise<EngineResult> {
  const { module, deps, context } = run;
  const { before, wanted } = change;
  const targets = module.targets?.(before, context) ?? [context.target];
  const entry = entryOf(run, change, targets);
  await deps.journal.put(entry);
  await writeTargets(run, targets, before, wanted);
  const writtenAt = deps.now();
  await deps.journal.mark(entry, 'written', writtenAt);
  return verify(run, { ...entry, status: 'written', writtenAt });
}

/** An unfinished change keeps its entry with the original `before`. */
function entryOf(
  { deps, request, key }: EngineRun,
  { newest, unfinished, before, wanted, note }: PermittedChange,
  targets: readonly Record<string, string>[],
): JournalEntry {
  if (unfinished) return { ...unfinished, after: wanted, targets: [...targets] };
  return {
    v: 2,
    key,
    at: timeAfter(newest, deps.now()),
    status: 'open',
    execution: request.execution,
    targets: [...targets],
    before,
    after: wanted,
    note,
  };
}

/** Returns the entry's sort key: later than the newest entry's, even where the clock of that one was ahead. */
const timeAfter = (newest: JournalEntry | undefined, now: number): string =>
  new Date(newest ? Math.max(now, Date.parse(newest.at) + 1) : now).toISOString();
