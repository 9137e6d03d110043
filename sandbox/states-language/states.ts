import { attemptMap, attemptParallel, type RunThread } from './branches.ts';
import { choiceMatches } from './choice.ts';
import { timestamp } from './comparisons.ts';
import { applyPath, effectiveInput, outputOf, parametersOf } from './data-flow.ts';
import type { Fail, State, Wait } from './definition.ts';
import { EvaluationError, StateError } from './errors.ts';
import type { Thread } from './execution.ts';
import type { Json } from './json.ts';
import { type PathScope, readPath } from './paths.ts';
import { contextOf, type ExecutionRun } from './run.ts';
import { attemptTask } from './tasks.ts';
import { evaluateExpression } from './templates.ts';
import type { ThreadScope } from './waiting.ts';

/** `next` is null if the state ends its thread. */
export type StateTransition = { readonly output: Json; readonly next: string | null };

/** @throws StateError, which Retry and Catch handle */
export async function attemptState(
  run: ExecutionRun,
  scope: ThreadScope,
  state: State,
  thread: Thread,
  runThread: RunThread,
): Promise<StateTransition> {
  if (state.Type === 'Task') return finish(run, state, thread, await attemptTask(run, scope, state, thread));
  if (state.Type === 'Parallel') {
    return finish(run, state, thread, await attemptParallel(run, scope, state, thread, runThread));
  }
  if (state.Type === 'Map') {
    return finish(run, state, thread, await attemptMap(run, scope, state, thread, runThread));
  }
  const context = contextOf(run, thread);
  if (state.Type === 'Fail') throw failure(run, state, { data: thread.input, context });
  const paths: PathScope = { data: effectiveInput(state, thread.input, context), context };
  if (state.Type === 'Pass') {
    return finish(run, state, thread, state.Result ?? parametersOf(state.Parameters, paths, run.environment));
  }
  const output = () => applyPath(state.OutputPath, paths);
  if (state.Type === 'Succeed') return { output: output(), next: null };
  if (state.Type === 'Wait') {
    await scope.pause(run.environment.clock, waitMs(state, paths, run.environment.clock.now()));
    return { output: output(), next: state.Next ?? null };
  }
  const next = state.Choices.find((rule) => choiceMatches(rule, paths))?.Next ?? state.Default;
  // AWS's documentation names States.NoChoiceMatched, but AWS answers this.
  if (next !== undefined) return { output: output(), next };
  throw new EvaluationError(
    'States.Runtime',
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}

type StateWithResult = Extract<State, { Type: 'Task' | 'Parallel' | 'Map' | 'Pass' }>;

function finish(run: ExecutionRun, state: StateWithResult, thread: Thread, result: Json): StateTransition {
  const output = outputOf(state, thread.input, result, contextOf(run, thread), run.environment);
  return { output, next: state.Next ?? null };
}

function failure(run: ExecutionRun, state: Fail, scope: PathScope): StateError {
  const text = (fixed: string | undefined, expression: string | undefined, field: string) => {
    if (expression === undefined) return fixed;
    const value = evaluateExpression(expression, field, scope, run.environment);
    if (typeof value === 'string') return value;
    throw new EvaluationError(
      'States.Runtime',
      `The value at '${expression}' for the field '${field}' is not a string`,
    );
  };
  return new StateError(
    text(state.Error, state.ErrorPath, 'ErrorPath'),
    text(state.Cause, state.CausePath, 'CausePath'),
  );
}

function waitMs(state: Wait, paths: PathScope, now: number): number {
  if (state.Seconds !== undefined) return state.Seconds * 1000;
  if (state.Timestamp !== undefined) return msUntil(state.Timestamp, state.Timestamp, now);
  const path = state.SecondsPath ?? state.TimestampPath!;
  const value = readPath(path, paths);
  if (state.TimestampPath !== undefined) return msUntil(value ?? null, path, now);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value * 1000;
  throw new EvaluationError(
    'States.Runtime',
    `The SecondsPath parameter '${path}' does not reference an integer number of seconds that is not negative`,
  );
}

function msUntil(value: Json, source: string, now: number): number {
  const time = timestamp(value);
  if (time !== null) return Math.max(0, time - now);
  throw new EvaluationError('States.Runtime', `The timestamp '${source}' is not an RFC 3339 time`);
}
