/** One run of a remediation: its module, its request, and the session in which it reads. */
import { isNamed, SutureError } from '../contract/errors.ts';
import {
  isAlias,
  type Place,
  type Refusal,
  type Remediation,
  type ResourceTags,
  type Risk,
  type StepContext,
  type TargetFields,
  targetArn,
} from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import { journalKey } from '../domain/journal.ts';
import type { Management } from '../domain/managed.ts';
import type { OwnerPatch } from '../domain/owner-patch.ts';
import { applyPolicies, type PolicyDocument, planPolicy, undoPermissions } from '../domain/permissions.ts';
import type { Reverted } from '../domain/reverted.ts';
import { withStackQuestion } from '../domain/stack-question.ts';
import { withWriteQuestion } from '../domain/write-question.ts';
import type { FindStack } from '../ports/find-stack.ts';
import type { FindWrite } from '../ports/find-write.ts';
import type { Journal } from '../ports/journal.ts';
import type { LockedCopies } from '../ports/locked-copies.ts';
import { locateTarget } from './located-target.ts';

/** A change as it is shown; `version` is that of the module. */
type ShownChange = {
  readonly before: unknown;
  readonly after: unknown;
  readonly summary: string;
  readonly version: number;
  readonly managedBy?: Management;
  readonly patch?: OwnerPatch;
  readonly reverted?: Reverted;
};

export type EngineResult =
  | ({ readonly kind: 'fixed' } & ShownChange)
  | ({
      readonly kind: 'planned';
      readonly awaits?: 'approval' | 'owner';
      /** The permanent loss of the change. */
      readonly loses?: string;
      /** The plan's digest, which an approval names. */
      readonly plan: string;
      readonly risk: Risk;
    } & ShownChange)
  | { readonly kind: 'compliant'; readonly because: string }
  /** Nothing was written: policy leaves the change to those who manage the resource by code. */
  | ({ readonly kind: 'notified'; readonly because: string } & ShownChange)
  /** Has the states before and after if a part of the change was written. */
  | ({ readonly kind: 'refused'; readonly because: string } & Partial<ShownChange>);

export type EngineDeps = {
  readonly journal: Journal;
  readonly copies: LockedCopies;
  /** Raises an alarm, because somebody changed the journal. */
  readonly alert: (message: string) => void;
  /** Opens a member session with this session policy, and returns the remediation's clients in it. */
  readonly session: (policy: PolicyDocument) => Promise<Record<string, unknown>>;
  /** Asks CloudFormation, in the plan session, for the stack that has a resource. */
  readonly findStack: FindStack;
  /** Asks CloudTrail, in the plan session, who changed a resource. */
  readonly findWrite: FindWrite;
  /** Gets the live tags of the resource when they are read. */
  readonly onTags?: (tags: ResourceTags) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

export type EngineRun = {
  readonly module: Remediation;
  readonly request: RemediationRequest;
  readonly deps: EngineDeps;
  /** The clients may only read. */
  readonly context: StepContext<any, any, any>;
  readonly key: string;
  /** ARN of the target. */
  readonly arn: string;
  /** Whether the finding named the target by its alias. */
  readonly isLocated: boolean;
  /** Version of the module. */
  readonly version: number;
};

/**
 * Opens the session in which the run reads. Returns undefined if the finding named a resource by its alias that is
 * gone.
 * @throws SutureError ConfigurationInvalid if the parameters are not those of the module
 */
export async function openRun(
  module: Remediation,
  request: RemediationRequest,
  deps: EngineDeps,
): Promise<EngineRun | undefined> {
  const place: Place = request.finding;
  const target = await locateTarget(module, place, request.target, deps.session);
  if (!target) return undefined;
  const policy = withStackQuestion(planPolicy(module, place, target), place, request);
  const clients = await deps.session(withWriteQuestion(policy, module, request));
  const params = module.params.safeParse(request.params);
  if (!params.success)
    throw new SutureError(
      'ConfigurationInvalid',
      `The parameters of ${module.id} are invalid: ${params.error.message}`,
    );
  const { control } = request.finding;
  const context = { ...clients, ...place, target, params: params.data, control, now: new Date(request.started) };
  return {
    ...{ module, request, deps, context },
    key: journalKey(module, place, request.target),
    arn: targetArn(module, place, target),
    isLocated: isAlias(module, request.target),
    version: module.version ?? 1,
  };
}

/**
 * Writes in a second session that may touch only these targets; in parts if one session policy cannot name them all, and
 * in halves if STS cannot pack it.
 */
export async function writeTargets(
  run: EngineRun,
  targets: readonly TargetFields[],
  from: unknown,
  to: unknown,
): Promise<Refusal | undefined> {
  const { module, request, deps, context } = run;
  const needs = request.mode === 'rollback' ? undoPermissions(module) : module.writes;
  for (const part of applyPolicies(module, context, targets, needs)) {
    const clients = await packedSession(deps, part);
    const refusal = clients
      ? await module.write({ ...context, ...clients, targets: part.targets }, from, to)
      : await writeInHalves(run, part.targets, from, to);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Returns undefined if STS cannot pack the policy of several targets. */
async function packedSession({ session }: EngineDeps, { policy, targets }: SessionPart) {
  try {
    return await session(policy);
  } catch (error) {
    if (!isNamed(error, 'PackedPolicyTooLarge') || targets.length === 1) throw error;
    return undefined;
  }
}
type SessionPart = ReturnType<typeof applyPolicies>[number];

async function writeInHalves(run: EngineRun, targets: readonly TargetFields[], from: unknown, to: unknown) {
  const half = Math.ceil(targets.length / 2);
  return (
    (await writeTargets(run, targets.slice(0, half), from, to)) ??
    (await writeTargets(run, targets.slice(half), from, to))
  );
}

/** Returns what people may see of a state. Only the journal has the state itself. */
export const shownState = ({ module }: Pick<EngineRun, 'module'>, state: unknown): unknown =>
  state === undefined || !module.shown ? state : module.shown(state);

export const shownText = (run: Pick<EngineRun, 'module'>, state: unknown): string =>
  JSON.stringify(shownState(run, state)) ?? 'gone';

/** Returns what a rollback of this change could not restore. */
export const lossOf = (module: Remediation, from: unknown, to: unknown): string | undefined =>
  module.irreversible ?? module.loses?.(from, to);
