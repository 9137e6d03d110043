/**
 * Runs a remediation in four steps: resume what this execution left unfinished, assess the resource, permit the change,
 * apply it. All of it derives from the module's read, want and write. Only the module's own clients call AWS.
 */

import { isEqual } from '../contract/is-equal.ts';
import { isRefusal, type Refusal, type Remediation, type ResourceTags, type Risk } from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import type { JournalEntry } from '../domain/journal.ts';
import { ownerNote } from '../domain/owner.ts';
import { approvalHolds, planDigest } from '../domain/plan.ts';
import { type Mode, modeByRisk, modeByTags } from '../domain/policy.ts';
import { keepCopy, lockedCopyOf } from './locked-copy.ts';
import { rollback } from './rollback.ts';
import {
  type EngineDeps,
  type EngineResult,
  type EngineRun,
  lossOf,
  openRun,
  shownState,
  shownText,
  writeTargets,
} from './run.ts';
import { closeEntry, fixedResult, verify } from './verify.ts';

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
  /** The newest change of this target by this remediation, by any execution. */
  readonly newest?: JournalEntry;
  /** The same change, if it is this execution's and unfinished. */
  readonly own?: JournalEntry;
  /** The same change, if another execution left it or its rollback unfinished. It permits nothing. */
  readonly abandoned?: JournalEntry;
};
type Change = Resumed & { readonly before: unknown; readonly wanted: unknown };
type PermittedChange = Change & { readonly note: string };

const UNFINISHED: readonly JournalEntry['status'][] = ['open', 'written', 'rollingBack'];

/** Finds the unfinished change of the target. If all writes of this execution were made, only verification is left. */
async function resume(run: EngineRun): Promise<Resumed | End> {
  const { deps, key } = run;
  const [newest] = await deps.journal.entries(key);
  if (!newest || !UNFINISHED.includes(newest.status)) return { newest };
  if (!isOwn(newest, run)) return { newest, abandoned: newest };
  return newest.status === 'written' ? end(await verify(run, newest)) : { newest, own: newest };
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
    return end({ kind: 'compliant', because: `${module.title}: the resource is gone` });
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
  const objection = own ? undefined : await module.objection?.(context);
  return objection ? end({ kind: 'refused', because: objection.refused }) : { ...resumed, before, wanted };
}

const isChange = ({ status }: JournalEntry) => status === 'open' || status === 'written';

/**
 * Applies policy with the live tags. Ends the run with a plan if the change is not allowed, or not without approval of
 * exactly this plan that has not ended. The same holds for a change that this execution has begun.
 */
async function permit(run: EngineRun, change: Change): Promise<PermittedChange | End> {
  const { module, request, context, deps } = run;
  const tags: ResourceTags = (await module.tags?.(context)) ?? {};
  const note = ownerNote(tags, module.declared?.(change.before, change.wanted));
  const { mode, tag } = allowedMode(request, tags, riskOf(module, change));
  if (mode === 'off') return end({ kind: 'refused', because: `policy says off for resources tagged ${tag}` });
  const planned = planOf(run, change, note);
  const { approval, approvedUntil } = request;
  const mayWrite = mode === 'auto' || mode === 'approve';
  const isAutomatic = mode === 'auto' && !undoLost(run, change) && !approval;
  const isApproved = mayWrite && approval?.plan === planned.plan && approvalHolds(approval, approvedUntil, deps.now());
  if (request.mode === 'apply' && (isAutomatic || isApproved)) return { ...change, note };
  const awaits = mode === 'approve' || (mode === 'auto' && request.mode === 'apply');
  return end({ ...planned, ...(awaits && { awaits: 'approval' as const }) });
}

/** Returns the mode that policy allows; a rule for a live tag precedes the rule for all resources. */
const allowedMode = (
  { policy }: RemediationRequest,
  tags: ResourceTags,
  risk: Risk,
): { readonly mode: Mode; readonly tag?: string } =>
  modeByTags(policy.tags, tags) ?? { mode: policy.byRisk ? modeByRisk(risk) : policy.mode };

const riskOf = (module: Remediation, { before, wanted }: Change): Risk =>
  module.riskOf?.(before, wanted) ?? module.risk;

/** Returns the plan. A change that this execution has begun stays its plan while the wanted state is the same. */
function planOf(run: EngineRun, change: Change, note: string) {
  const { module, request, version } = run;
  const { own, before: current, wanted } = change;
  const isContinued = own !== undefined && isEqual(wanted, own.after);
  const before = isContinued ? own.before : current;
  const loses = [lossOf(module, before, wanted), undoLost(run, change)].filter((loss) => loss !== undefined).join('; ');
  const shown = {
    before: shownState(run, before),
    after: shownState(run, wanted),
    summary: module.summary(before, wanted) + (isContinued ? own.note : note),
    ...(loses && { loses }),
    version,
  };
  const { control, partition, account, region, title, resource } = request.finding;
  const { target, params, askedBy } = request;
  const place = { partition, account, region };
  const risk = riskOf(module, { ...change, before });
  const of = { remediation: module.id, risk, control, ...place, title, resource: resource?.Id };
  const plan = planDigest({ ...of, target, params, askedBy, loses: undefined, ...shown });
  return { kind: 'planned' as const, ...shown, plan, risk };
}

/**
 * Returns what is lost if another execution left the resource in neither its old nor its wanted state. Then the state
 * before that change cannot be distinguished from somebody else's work, so a person decides.
 */
function undoLost(run: EngineRun, { abandoned, before: current }: Change): string | undefined {
  if (!abandoned || isEqual(current, abandoned.before) || isEqual(current, abandoned.after)) return undefined;
  return `the undo of what ${abandoned.execution} left unfinished: the state before was ${shownText(run, abandoned.before)}`;
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
 * Returns why the state before of another execution's change cannot be taken over. If the resource is in that state, it
 * is itself the proof.
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
  const { newest, own, abandoned, before, wanted, note } = change;
  const kept = own ?? (undoLost(run, change) ? undefined : abandoned);
  const { partition, account, region } = request.finding;
  // Those that were changed before a crash are no longer among the current ones.
  const known = kept?.targets ?? [];
  const added = targets.filter((target) => !known.some((each) => isEqual(each, target)));
  return {
    v: 3,
    key,
    at: kept?.at ?? timeAfter(newest, deps.now()),
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
  };
}

/** Returns the entry's sort key: later than the newest entry's, even if the clock of that one was ahead. */
const timeAfter = (newest: JournalEntry | undefined, now: number): string =>
  new Date(newest ? Math.max(now, Date.parse(newest.at) + 1) : now).toISOString();
