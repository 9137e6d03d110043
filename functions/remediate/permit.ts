/** Decides whether a change may be made: by itself, with a person's approval, or not by Suture. */
import { isEqual } from '../contract/is-equal.ts';
import type { Remediation, ResourceTags, Risk } from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import type { JournalEntry } from '../domain/journal.ts';
import { type Management, managedAction } from '../domain/managed.ts';
import { leftToOwner, managedNote, withChange } from '../domain/managed-note.ts';
import { type OwnerPatch, ownerPatch } from '../domain/owner-patch.ts';
import { approvalHolds, planDigest } from '../domain/plan.ts';
import { type Mode, modeByRisk, modeByTags, strictestMode } from '../domain/policy.ts';
import { lastingSummary, MAX_REVERTED, type Reverted, revertedNote, revertedText } from '../domain/reverted.ts';
import { managedDecisions } from '../domain/stack-question.ts';
import { managersOf } from './managers.ts';
import { type EngineResult, type EngineRun, lossOf, shownState, shownText } from './run.ts';
import { revertedOf } from './undone.ts';

/** A step that ends the run. */
export type End = { readonly result: EngineResult };
export const end = (result: EngineResult): End => ({ result });

export type Resumed = {
  /** The newest change of this target by this remediation, by any execution. */
  readonly newest?: JournalEntry;
  /** The same change, if it is this execution's and unfinished. */
  readonly own?: JournalEntry;
  /** The same change, if another execution left it or its rollback unfinished. It permits nothing. */
  readonly abandoned?: JournalEntry;
  /** An entry of this execution, which stopped before the first write. */
  readonly unwritten?: JournalEntry;
  /** Verified changes by other executions, the newest first. */
  readonly earlier: readonly JournalEntry[];
  /** A change that this execution made, and that was verified, or undone since. It makes no other. */
  readonly finished?: JournalEntry;
};
export type Change = Resumed & { readonly before: unknown; readonly wanted: unknown };
export type PermittedChange = Change & OwnerFacts;
/** The part of a plan for the managers of the resource. */
type OwnerFacts = {
  readonly note: string;
  readonly managedBy?: Management;
  readonly patch?: OwnerPatch;
  readonly reverted?: Reverted;
};

/**
 * Applies policy with the live tags. Ends the run with a plan if the change is not allowed, or not without approval of
 * exactly this plan that has not ended. The same holds for a change that this execution has begun.
 */
export async function permit(run: EngineRun, change: Change): Promise<PermittedChange | End> {
  const { module, request, context, deps } = run;
  const tags: ResourceTags = (await module.tags?.(context)) ?? {};
  if (module.tags) deps.onTags?.(tags);
  const cost = await module.costs?.(change.before, change.wanted, context);
  const declared = module.declared?.(change.before, change.wanted, context);
  const { managers: known, stack } = await managersOf(run, tags);
  const managers = known.map((each) => withChange(each, declared));
  const [managedBy] = managers;
  const reverted = await revertedOf(run, change, { managers: known, stack });
  const located = run.isLocated ? `: the finding's resource is ${run.arn}` : '';
  const note = located + (cost ? `: ${cost}` : '') + managedNote(managedBy, declared) + revertedNote(reverted);
  // A remediation that hides a part of its state names no values.
  const patch = ownerPatch(module.shown ? undefined : declared);
  const owner: OwnerFacts = {
    note,
    ...(managedBy && { managedBy }),
    ...(patch && { patch }),
    ...(reverted && { reverted }),
  };
  const allowed = allowedMode(request, tags, riskOf(module, change));
  if (allowed.mode === 'off')
    return end({ kind: 'refused', because: `policy says off for resources tagged ${allowed.tag}` });
  const planned = planOf(run, change, owner);
  const action = managedAction(managedDecisions(request), managers, tags);
  const summary = module.summary(change.before, change.wanted);
  const byOwner = managedBy && leftToOwner(managedBy, declared, summary);
  if (managedBy && allowed.mode !== 'observe' && (action === 'notify' || action === 'refuse'))
    return end(leftAlone(action, { ...planned, managedBy }, byOwner!));
  if (managedBy && reverted && wouldBeUndone(reverted, allowed.mode, request))
    return end(leftAlone('notify', { ...planned, managedBy }, `${revertedText(reverted)}; ${byOwner}`));
  const mode = action === 'approve' ? strictestMode([allowed.mode, 'approve']) : allowed.mode;
  const { approval, approvedUntil } = request;
  const mayWrite = mode === 'auto' || mode === 'approve';
  const isAutomatic = mode === 'auto' && !undoLost(run, change) && !approval;
  const isApproved = mayWrite && approval?.plan === planned.plan && approvalHolds(approval, approvedUntil, deps.now());
  if (request.mode === 'apply' && (isAutomatic || isApproved)) return { ...change, ...owner };
  const awaits = awaitedPerson(mode, request.mode);
  return end({ ...planned, ...(awaits && { awaits }) });
}

/** Whether a further fix would be undone too. A person who asks for one gets it nevertheless. */
const wouldBeUndone = ({ times }: Reverted, mode: Mode, { askedBy }: RemediationRequest): boolean =>
  times >= MAX_REVERTED && askedBy === undefined && mode !== 'observe';

/** Returns the person that the plan waits for. An automatic change is planned alone while its owner has time. */
function awaitedPerson(allowed: Mode, requested: RemediationRequest['mode']): 'approval' | 'owner' | undefined {
  if (allowed === 'approve') return 'approval';
  if (allowed !== 'auto') return undefined;
  return requested === 'apply' ? 'approval' : 'owner';
}

/** Returns the end of a run that leaves the resource to those who manage it by code. */
function leftAlone(
  action: 'notify' | 'refuse',
  {
    managedBy,
    patch,
    reverted,
    before,
    after,
    summary,
    version,
  }: ReturnType<typeof planOf> & { readonly managedBy: Management },
  because: string,
): EngineResult {
  if (action === 'refuse') return { kind: 'refused', because: `policy refuses to change it: ${because}`, managedBy };
  const shown = { before, after, summary, version, managedBy };
  return { kind: 'notified', because, ...shown, ...(patch && { patch }), ...(reverted && { reverted }) };
}

/**
 * Returns the mode that policy allowed at triage and allows now; a rule for a live tag precedes the rule for all
 * resources.
 */
function allowedMode({ policy, triaged }: RemediationRequest, tags: ResourceTags, risk: Risk): AllowedMode {
  const modes = [policy, triaged?.policy ?? policy].map((each): AllowedMode => {
    return modeByTags(each.tags, tags) ?? { mode: each.byRisk ? modeByRisk(risk) : each.mode };
  });
  const strictest = strictestMode(modes.map(({ mode }) => mode));
  return modes.find(({ mode }) => mode === strictest)!;
}
type AllowedMode = { readonly mode: Mode; readonly tag?: string };

const riskOf = (module: Remediation, { before, wanted }: Change): Risk =>
  module.riskOf?.(before, wanted) ?? module.risk;

/** Returns the plan. A change that this execution has begun stays its plan while the wanted state is the same. */
function planOf(run: EngineRun, change: Change, owner: OwnerFacts) {
  const { module, request, context, version } = run;
  const { own, before: current, wanted } = change;
  const isContinued = own !== undefined && isEqual(wanted, own.after);
  const before = isContinued ? own.before : current;
  const loses = [lossOf(module, before, wanted), undoLost(run, change)].filter((loss) => loss !== undefined).join('; ');
  const { note, managedBy, patch, reverted } = isContinued ? own : owner;
  const shown = {
    before: shownState(run, before),
    after: shownState(run, wanted),
    summary: module.summary(before, wanted) + note,
    ...(loses && { loses }),
    version,
  };
  const { control, partition, account, region, title, resource } = request.finding;
  const { params, askedBy } = request;
  const place = { partition, account, region };
  const risk = riskOf(module, { ...change, before });
  const identity = { remediation: module.id, risk, control, ...place, title, resource: resource?.Id };
  const summary = lastingSummary(shown.summary, reverted);
  const plan = planDigest({
    ...identity,
    target: context.target,
    params,
    askedBy,
    loses: undefined,
    ...shown,
    summary,
  });
  const owners = { ...(managedBy && { managedBy }), ...(patch && { patch }), ...(reverted && { reverted }) };
  return { kind: 'planned' as const, ...shown, ...owners, plan, risk };
}

/**
 * Returns what is lost if another execution left the resource in neither its old nor its wanted state. Then the state
 * before that change cannot be distinguished from somebody else's work, so a person decides.
 */
export function undoLost(run: EngineRun, { abandoned, before: current }: Change): string | undefined {
  if (!abandoned || isEqual(current, abandoned.before) || isEqual(current, abandoned.after)) return undefined;
  return `the undo of what ${abandoned.execution} left unfinished: the state before was ${shownText(run, abandoned.before)}`;
}
