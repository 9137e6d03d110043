/**
 * What derives from a remediation's read, want and write: plan, apply with verify, rollback with drift check.
 * No AWS here but what the module's own clients do: sessions, journal and clock are handed in.
 */

import { SutureError } from '../contract/errors.ts';
import {
  isRefusal,
  type Place,
  type Remediation,
  type ResourceTags,
  type StepContext,
  type TargetFields,
} from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import { ownerNote } from '../domain/owner.ts';
import { applyPolicies, type PolicyDocument, planPolicy } from '../domain/permissions.ts';
import { type Mode, modeByTags } from '../domain/policy.ts';
import { same } from '../domain/same.ts';
import { type Journal, type JournalEntry, journalKey } from '../ledger/journal.ts';

export type EngineResult =
  | { readonly kind: 'fixed'; readonly before: unknown; readonly after: unknown; readonly summary: string }
  | {
      readonly kind: 'planned';
      readonly before: unknown;
      readonly after: unknown;
      readonly summary: string;
      readonly awaits?: 'approval';
      /** What the change would lose for good. */
      readonly loses?: string;
    }
  | { readonly kind: 'compliant'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string };

export type EngineDeps = {
  readonly journal: Journal;
  /** The remediation's clients in a member session that holds this policy. */
  readonly session: (policy: PolicyDocument) => Promise<Record<string, unknown>>;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
};

/** Seconds that a change may take to show, where the module does not say: AWS is eventually consistent. */
const SETTLES = 60;
/** Milliseconds between looks within one invocation, before the workflow takes over the waiting. */
const LOOKS = [500, 1_500];

/** Runs one request against one finding's resource. Changes nothing in modes other than `apply` and `rollback`. */
export async function runRemediation(
  module: Remediation,
  request: RemediationRequest,
  around: EngineDeps,
): Promise<EngineResult> {
  const place: Place = request.finding;
  const target = request.target as TargetFields;
  const key = journalKey(module.id, request.finding.id);
  const reader = await around.session(planPolicy(module, place, target));
  const parsed = module.params.safeParse(request.params);
  if (!parsed.success)
    throw new SutureError(
      'ConfigurationInvalid',
      `The parameters of ${module.id} are invalid: ${parsed.error.message}`,
    );
  const { control } = request.finding;
  const seen = { ...reader, ...place, target, params: parsed.data, control, now: new Date(request.started) } as any;

  if (request.mode === 'rollback') return rollback(module, request, around, seen, await around.journal.newest(key));

  const newest = request.mode === 'apply' ? await around.journal.newest(key) : undefined;
  const open = unfinished(newest, request.execution);
  if (open?.status === 'written') return verify(module, around, seen, open);

  const before = await module.read(seen);
  if (before === undefined)
    return finishOr(open, around, { kind: 'compliant', because: `${module.title}: the resource is gone` });
  const wanted = module.want(before, seen);
  if (isRefusal(wanted)) return { kind: 'refused', because: wanted.refused };
  if (same(before, wanted)) {
    if (open) return finish(module, around, open, before);
    // This very execution fixed it, and died before it could say so.
    if (newest?.status === 'done' && newest.execution === request.execution) return fixed(module, newest);
    return { kind: 'compliant', because: 'the resource is already as it should be' };
  }
  const objection = open ? undefined : await module.objection?.(seen);
  if (objection) return { kind: 'refused', because: objection.refused };
  const tags = open ? {} : ((await module.tags?.(seen)) ?? {});
  const note = open?.note ?? ownerNote(tags);
  const allowed = open ? ({ mode: 'auto' } as const) : allowedMode(request, tags);
  if (allowed.mode === 'off')
    return { kind: 'refused', because: `policy says off for resources tagged ${allowed.tag}` };
  if (request.mode === 'plan' || !(allowed.mode === 'auto' || (allowed.mode === 'approve' && request.approved))) {
    const awaits = allowed.mode === 'approve' ? ({ awaits: 'approval' } as const) : {};
    const loses = lossOf(module, before, wanted);
    const summary = module.summary(before, wanted) + note;
    return { kind: 'planned', before, after: wanted, summary, ...awaits, ...(loses && { loses }) };
  }

  const targets = module.targets?.(before, seen) ?? [target];
  const entry: JournalEntry = open
    ? { ...open, after: wanted, targets: [...targets] }
    : {
        key,
        at: after(newest, around.now()),
        status: 'open',
        execution: request.execution,
        targets: [...targets],
        before,
        after: wanted,
        note,
      };
  await around.journal.open(entry);
  await write(module, around, seen, targets, before, wanted);
  const writtenAt = around.now();
  await around.journal.mark(entry, 'written', writtenAt);
  return verify(module, around, seen, { ...entry, status: 'written', writtenAt });
}

/** The journal sorts by this: a change comes after the last one, even where the clock of that one was ahead. */
const after = (last: JournalEntry | undefined, now: number): string =>
  new Date(last ? Math.max(now, Date.parse(last.at) + 1) : now).toISOString();

/** What policy allows, now that the live tags are known: what they ask for goes before what policy says for all. */
const allowedMode = (
  { policy }: RemediationRequest,
  tags: ResourceTags,
): { readonly mode: Mode; readonly tag?: string } => modeByTags(policy.tags, tags) ?? { mode: policy.mode };

/** What no rollback brings back. */
const lossOf = (module: Remediation, from: unknown, to: unknown) => module.irreversible ?? module.loses?.(from, to);

/** The entry of a change that did not come to its end; from here on it is this execution's. */
const unfinished = (entry: JournalEntry | undefined, execution: string): JournalEntry | undefined =>
  entry?.status === 'open' || entry?.status === 'written' ? { ...entry, execution } : undefined;

/** Writes in a second session that may touch the planned targets and nothing else; in parts where they do not fit one session policy. */
async function write(
  module: Remediation,
  around: EngineDeps,
  seen: StepContext<any, any, any>,
  targets: readonly TargetFields[],
  from: unknown,
  to: unknown,
) {
  for (const part of applyPolicies(module, seen, targets)) {
    const writer = await around.session(part.policy);
    await module.write({ ...seen, ...writer, targets: part.targets }, from, to);
  }
}

/** Looks again whether the change holds. What has not shown yet is pending for as long as the module settles. */
async function verify(module: Remediation, around: EngineDeps, seen: any, entry: JournalEntry): Promise<EngineResult> {
  let observed: unknown;
  for (const wait of [...LOOKS, undefined]) {
    observed = await module.read(seen);
    if (observed === undefined) return finish(module, around, entry, undefined);
    const wanted = module.want(observed, seen);
    if (!isRefusal(wanted) && same(observed, wanted)) return finish(module, around, entry, observed);
    if (wait !== undefined) await around.sleep(wait);
  }
  const settledAt = (entry.writtenAt ?? around.now()) + (module.settles ?? SETTLES) * 1000;
  const left = Math.ceil((settledAt - around.now()) / 1000);
  if (left > 0)
    throw new SutureError(
      'ChangePending',
      `The change does not show yet; ${left} s are left until it must. It is looked at again.`,
    );
  // What was written did not hold: the next run plans anew, with the original `before`.
  await around.journal.mark(entry, 'open');
  throw new SutureError(
    'ChangeNotVerified',
    `The change was made, but ${module.settles ?? SETTLES} s later the resource is ${JSON.stringify(observed)}, not ` +
      `${JSON.stringify(entry.after)}. Something undoes it (a stack, a pipeline, a person): find it in CloudTrail, then redrive.`,
  );
}

async function finish(
  module: Remediation,
  around: EngineDeps,
  entry: JournalEntry,
  observed: unknown,
): Promise<EngineResult> {
  const done: JournalEntry = { ...entry, after: observed ?? entry.after, status: 'done' };
  await around.journal.open(done);
  return fixed(module, done);
}

const fixed = (module: Remediation, { before, after, note }: JournalEntry): EngineResult => ({
  kind: 'fixed',
  before,
  after,
  summary: module.summary(before, after) + note,
});

/** A change that was under way when its resource vanished is over. */
async function finishOr(
  open: JournalEntry | undefined,
  around: EngineDeps,
  outcome: EngineResult,
): Promise<EngineResult> {
  if (open) await around.journal.mark(open, 'done');
  return outcome;
}

/** Restores what was before, unless the resource has changed since; where that is forced, whatever came in between is lost. */
async function rollback(
  module: Remediation,
  request: RemediationRequest,
  around: EngineDeps,
  seen: any,
  entry: JournalEntry | undefined,
): Promise<EngineResult> {
  const name = `${module.id} for ${request.finding.id}`;
  if (!entry) return { kind: 'refused', because: `the journal holds no change of ${name}` };
  const { execution } = request;
  const restored: EngineResult = {
    kind: 'fixed',
    before: entry.after,
    after: entry.before,
    summary: `restored: ${module.summary(entry.after, entry.before)}`,
  };
  // This very execution did it, and died before it could say so.
  if (entry.status === 'rolledBack' && entry.execution === execution) return restored;
  if (entry.status === 'rolledBack') return { kind: 'refused', because: `${name} was rolled back already` };
  const lost = lossOf(module, entry.before, entry.after);
  if (lost) return { kind: 'refused', because: `cannot be undone: ${lost}` };
  const now = await module.read(seen);
  if (same(now, entry.before)) {
    await around.journal.open({ ...entry, status: 'rolledBack', execution });
    return { kind: 'compliant', because: 'the resource is already as it was before' };
  }
  if (now === undefined) return { kind: 'refused', because: 'the resource is gone' };
  const isOwnHalf = entry.status === 'rollingBack' && entry.execution === execution;
  if (!same(now, entry.after) && !isOwnHalf && !request.force)
    return {
      kind: 'refused',
      because: `the resource has changed since: it is ${JSON.stringify(now)}, not ${JSON.stringify(entry.after)}`,
    };
  // Before the first write, so that a rerun doesn't take its own half-done work for somebody else's change.
  await around.journal.open({ ...entry, status: 'rollingBack', execution });
  await write(module, around, seen, entry.targets, now, entry.before);
  for (const wait of [...LOOKS, ...LOOKS, undefined]) {
    const observed = await module.read(seen);
    if (same(observed, entry.before)) {
      await around.journal.mark(entry, 'rolledBack');
      return { ...restored, before: now, summary: `restored: ${module.summary(now, entry.before)}` };
    }
    if (wait !== undefined) await around.sleep(wait);
  }
  throw new SutureError(
    'RollbackFailed',
    `The state before ${name} was written back, but the resource does not show it. Look at it by hand.`,
  );
}
