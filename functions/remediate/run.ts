/** One run of a remediation: its module, its request, and the session in which it reads. */
import { SutureError } from '../contract/errors.ts';
import type { Place, Remediation, StepContext, TargetFields } from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import { journalKey } from '../domain/journal.ts';
import { applyPolicies, type PolicyDocument, planPolicy } from '../domain/permissions.ts';
import type { Journal } from '../ports/journal.ts';

export type EngineResult =
  | { readonly kind: 'fixed'; readonly before: unknown; readonly after: unknown; readonly summary: string }
  | {
      readonly kind: 'planned';
      readonly before: unknown;
      readonly after: unknown;
      readonly summary: string;
      readonly awaits?: 'approval';
      /** The permanent loss of the change. */
      readonly loses?: string;
    }
  | { readonly kind: 'compliant'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string };

export type EngineDeps = {
  readonly journal: Journal;
  /** Opens a member session with this session policy, and returns the remediation's clients in it. */
  readonly session: (policy: PolicyDocument) => Promise<Record<string, unknown>>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

export type EngineRun = {
  readonly module: Remediation;
  readonly request: RemediationRequest;
  readonly deps: EngineDeps;
  /** The argument of the module's steps, with clients that may only read. */
  readonly context: StepContext<any, any, any>;
  /** Key of the journal's entries. */
  readonly key: string;
};

/** @throws SutureError ConfigurationInvalid where the parameters are not those of the module */
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
  return { module, request, deps, context, key: journalKey(module.id, request.finding.id) };
}

/** Writes in a second session that may touch only these targets; in parts where one session policy cannot name all of them. */
export async function writeTargets(
  { module, deps, context }: EngineRun,
  targets: readonly TargetFields[],
  from: unknown,
  to: unknown,
): Promise<void> {
  for (const part of applyPolicies(module, context, targets)) {
    const clients = await deps.session(part.policy);
    await module.write({ ...context, ...clients, targets: part.targets }, from, to);
  }
}

/** Returns what a rollback of this change could not restore. */
export const lossOf = (module: Remediation, from: unknown, to: unknown): string | undefined =>
  module.irreversible ?? module.loses?.(from, to);
