/** The way of a job through the workflow's tasks, as people see it. Pure. */
import type { Job, JobStep, MemberCall } from './job.ts';

/** Above this, the steps in the middle are dropped: a change may wait for many windows. */
const MAX_STEPS = 40;

export function withStep(job: Job, step: JobStep): Job {
  const { steps = [] } = job;
  const kept = steps.length < MAX_STEPS ? steps : steps.filter((_, n) => n !== MAX_STEPS / 2);
  const retries = step.retries || undefined;
  return { ...job, steps: [...kept, { ...step, retries, result: stepResult(job) }] };
}

function stepResult({ route, result, dueBy }: Job): string {
  if (!result) return route;
  if (result.kind === 'deferred') return `deferred until ${result.until}`;
  if (result.kind !== 'planned' || !result.awaits) return result.kind;
  if (dueBy !== undefined) return `told, until ${dueBy}`;
  return result.awaits === 'owner' ? 'planned, for its owner' : 'planned, waits for approval';
}

/** The error of an attempt that failed, retried or not. `at` is the time at which its state was entered. */
export type AttemptError = { readonly state: string; readonly at: string; readonly error: string };

/** `calls`: those of the last attempt that failed, up to its failure. */
export type FailedAttempts = { readonly errors: readonly AttemptError[]; readonly calls: readonly MemberCall[] };

export type StateVisit = {
  readonly state: string;
  readonly at: string;
  readonly attempts: number;
  /** Of the functions. An attempt whose function was killed or never ran leaves none. */
  readonly errors: readonly string[];
  readonly result?: string;
};

/** Returns the states in which functions worked, in order, also those that no attempt ended. */
export function stateVisits({ steps = [] }: Pick<Job, 'steps'>, errors: readonly AttemptError[]): StateVisit[] {
  const visits = new Map<string, { -readonly [K in keyof StateVisit]: StateVisit[K] }>();
  const nameOf = ({ state, at }: Pick<StateVisit, 'state' | 'at'>) => `${at} ${state}`;
  for (const { state, at, retries = 0, result } of steps)
    visits.set(nameOf({ state, at }), { state, at, attempts: retries + 1, errors: [], result });
  for (const { state, at, error } of errors) {
    const visit = visits.get(nameOf({ state, at })) ?? { state, at, attempts: 0, errors: [] };
    const all = [...visit.errors, error];
    visits.set(nameOf(visit), { ...visit, errors: all, attempts: Math.max(visit.attempts, all.length) });
  }
  return [...visits.values()].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
