/** One run of a remediation: its module, its request, and the session in which it reads. */
import { SutureError } from '../contract/errors.ts';
import {
  type Place,
  type Refusal,
  type Remediation,
  type Risk,
  type StepContext,
  type TargetFields,
  targetArn,
} from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import { journalKey } from '../domain/journal.ts';
import { applyPolicies, type PolicyDocument, planPolicy, undoPermissions } from '../domain/permissions.ts';
import type { Journal } from '../ports/journal.ts';
import type { LockedCopies } from '../ports/locked-copies.ts';

/** A change as it is shown; `version` is that of the module. */
type ShownChange = {
  readonly before: unknown;
  readonly after: unknown;
  readonly summary: string;
  readonly version: number;
};

export type EngineResult =
  | ({ readonly kind: 'fixed' } & ShownChange)
  | ({
      readonly kind: 'planned';
      readonly awaits?: 'approval';
      /** The permanent loss of the change. */
      readonly loses?: string;
      /** The plan's digest, which an approval names. */
      readonly plan: string;
      readonly risk: Risk;
    } & ShownChange)
  | { readonly kind: 'compliant'; readonly because: string }
  /** Has the states before and after if a part of the change was written. */
  | ({ readonly kind: 'refused'; readonly because: string } & Partial<ShownChange>);

export type EngineDeps = {
  readonly journal: Journal;
  readonly copies: LockedCopies;
  /** Raises an alarm, because somebody changed the journal. */
  readonly alert: (message: string) => void;
  /** Opens a member session with this session policy, and returns the remediation's clients in it. */
  readonly session: (policy: PolicyDocument) => Promise<Record<string, unknown>>;
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
  /** Version of the module. */
  readonly version: number;
};

/** @throws SutureError ConfigurationInvalid if the parameters are not those of the module */
export async function openRun(module: Remediation, request: RemediationRequest, deps: EngineDeps): Promise<EngineRun> {
  const place: Place = request.finding;
  const target = request.target as TargetFields;
  const clients = await deps.session(planPolicy(module, place, target));
  const params = module.params.safeParse(request.params);
  if (!params.success)
    throw new SutureError(
      'ConfigurationInvalid',
      `The parameters of ${module.id} are invalid: ${params.error.message}`,
    );
  const { control } = request.finding;
  const context = { ...clients, ...place, target, params: params.data, control, now: new Date(request.started) };
  const key = journalKey(module, place, target);
  return { module, request, deps, context, key, arn: targetArn(module, place, target), version: module.version ?? 1 };
}

/**
 * Writes in a second session that may touch only these targets; in parts if one session policy cannot name them all.
 */
export async function writeTargets(
  { module, request, deps, context }: EngineRun,
  targets: readonly TargetFields[],
  from: unknown,
  to: unknown,
): Promise<Refusal | undefined> {
  const needs = request.mode === 'rollback' ? undoPermissions(module) : module.writes;
  for (const part of applyPolicies(module, context, targets, needs)) {
    const clients = await deps.session(part.policy);
    const refusal = await module.write({ ...context, ...clients, targets: part.targets }, from, to);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Returns what people may see of a state. Only the journal has the state itself. */
export const shownState = ({ module }: Pick<EngineRun, 'module'>, state: unknown): unknown =>
  state === undefined || !module.shown ? state : module.shown(state);

export const shownText = (run: Pick<EngineRun, 'module'>, state: unknown): string =>
  JSON.stringify(shownState(run, state)) ?? 'gone';

/** Returns what a rollback of this change could not restore. */
export const lossOf = (module: Remediation, from: unknown, to: unknown): string | undefined =>
  module.irreversible ?? module.loses?.(from, to);
