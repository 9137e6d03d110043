/**
 * Runs executions of the states language (JSONPath, Standard workflows).
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 * An execution is plain data; this file moves it along, from its start or from where it failed.
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { attemptMap, attemptParallel } from './branches.ts';
import { holds, timestamp } from './choice.ts';
import { combine, effectiveInput, outputOf, parameters, payload, pick } from './data-flow.ts';
import type { Fail, State, States, Wait } from './definition.ts';
import { Aborted, EvaluationError, StateError } from './errors.ts';
import { type Execution, type Thread, threadAt } from './execution.ts';
import { type EventDetails, record, whole } from './history.ts';
import type { Json } from './json.ts';
import { readPath, type Scope } from './paths.ts';
import { catcherFor, retryDelay } from './retry.ts';
import { contextOf, type Environment, note, type Run, type TaskAnswer } from './run.ts';
import { attemptTask } from './tasks.ts';
import { evaluate } from './templates.ts';
import { parseDefinition } from './validation.ts';
import { Wakefulness, Scope as WaitScope } from './waiting.ts';

/** What can be done to an execution while it runs. */
export type Running = {
  /** Resolves when the execution has ended; rejects only for a defect of the interpreter. */
  readonly done: Promise<void>;
  stop(error: string | undefined, cause: string | undefined): void;
  /** Passes on an answer to a task; false when no task waits with this token any more. */
  answer(token: string, answer: TaskAnswer): boolean;
};

/** Starts a new execution, whose first state is not entered yet. */
export function startExecution(environment: Environment, execution: Execution): Running {
  record(execution, environment.clock.now(), 0, 'ExecutionStarted', {
    executionStartedEventDetails: { input: execution.input, inputDetails: whole, roleArn: execution.roleArn },
  });
  return run(environment, execution);
}

/**
 * Goes on with an execution that failed, timed out or was stopped, in the states where it ended. Their retriers
 * count anew; what succeeded is kept.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function redriveExecution(environment: Environment, execution: Execution): Running {
  const now = environment.clock.now();
  Object.assign(execution, { status: 'RUNNING', stopDate: undefined, error: undefined, cause: undefined });
  execution.redriveCount++;
  execution.redriveDate = now;
  execution.transitions++;
  const event = record(execution, now, execution.history.length, 'ExecutionRedriven', {
    executionRedrivenEventDetails: { redriveCount: execution.redriveCount },
  });
  reopen(execution.thread, event);
  return run(environment, execution);
}

function reopen(thread: Thread, event: number): void {
  if (thread.end?.kind === 'succeeded') return;
  // "If the state failed because of a States.DataLimitExceeded error, the Parallel state is rerun" as a whole.
  if (thread.end?.kind === 'failed' && thread.end.error === 'States.DataLimitExceeded') thread.threads = null;
  thread.end = null;
  thread.attempts = [];
  thread.event = event;
  for (const inner of thread.threads ?? []) reopen(inner, event);
}

function run(environment: Environment, execution: Execution): Running {
  const machine = parseDefinition(execution.definition);
  const wakefulness = new Wakefulness(environment.clock);
  const scope = new WaitScope(wakefulness);
  const waitingTasks: Run['waitingTasks'] = new Map();
  const running: Run = { environment, execution, input: JSON.parse(execution.input), scope, waitingTasks };
  const timer =
    machine.TimeoutSeconds === undefined
      ? null
      : environment.clock.after(machine.TimeoutSeconds * 1000, () => timeOut(running), { daemon: true });
  environment.changed(execution);
  wakefulness.wake();
  const done = runThread(running, scope, machine, execution.thread)
    .then((output) => succeed(running, output))
    .catch((error) => fail(running, error))
    .finally(() => {
      timer?.cancel();
      wakefulness.rest();
    });
  return {
    done,
    stop: (error, cause) => {
      const details = { executionAbortedEventDetails: { error, cause } };
      close(running, { status: 'ABORTED', error, cause }, 0, 'ExecutionAborted', details);
    },
    answer: (token, answer) => {
      const take = waitingTasks.get(token);
      take?.(answer);
      return take !== undefined;
    },
  };
}

function succeed(run: Run, output: Json): void {
  const text = JSON.stringify(output);
  close(run, { status: 'SUCCEEDED', output: text }, run.execution.thread.event, 'ExecutionSucceeded', {
    executionSucceededEventDetails: { output: text, outputDetails: whole },
  });
}

function fail(run: Run, problem: unknown): void {
  if (problem instanceof Aborted) return;
  if (!(problem instanceof StateError)) throw problem;
  const { error, cause } = problem;
  const details = { executionFailedEventDetails: { error, cause } };
  close(run, { status: 'FAILED', error, cause }, run.execution.thread.event, 'ExecutionFailed', details);
}

function timeOut(run: Run): void {
  const details = { executionTimedOutEventDetails: { error: 'States.Timeout' } };
  close(run, { status: 'TIMED_OUT', error: 'States.Timeout' }, 0, 'ExecutionTimedOut', details);
}

function close(
  run: Run,
  outcome: Pick<Execution, 'status'> & Partial<Pick<Execution, 'output' | 'error' | 'cause'>>,
  previous: number,
  type: HistoryEvent['type'],
  details: EventDetails,
): void {
  const { execution, environment } = run;
  if (run.scope.over) return;
  const now = environment.clock.now();
  Object.assign(execution, outcome, { stopDate: now });
  record(execution, now, previous, type, details);
  run.scope.end();
  environment.changed(execution);
}

async function runThread(run: Run, scope: WaitScope, states: States, thread: Thread): Promise<Json> {
  try {
    for (;;) {
      const { output, next } = await runState(run, scope, states, thread);
      if (next === null) {
        thread.end = { kind: 'succeeded', output };
        return output;
      }
      Object.assign(thread, threadAt(next, output, thread.event, thread.item));
    }
  } catch (error) {
    const problem = explained(error, thread);
    if (problem instanceof StateError) thread.end = { kind: 'failed', error: problem.error };
    else thread.end = { kind: 'aborted' };
    throw problem;
  }
}

type Left = { readonly output: Json; readonly next: string | null };

async function runState(run: Run, scope: WaitScope, states: States, thread: Thread): Promise<Left> {
  if (scope.over) throw new Aborted();
  const state = states.States[thread.state]!;
  // After a redrive a state is not entered again, but for a Fail state, which has nothing to go on with.
  if (!thread.entered || state.Type === 'Fail') enter(run, state, thread);
  for (;;) {
    try {
      return leave(run, state, thread, await attempt(run, scope, state, thread));
    } catch (problem) {
      const error = explained(problem, thread);
      if (error instanceof Aborted && !run.scope.over) noteAborted(run, state, thread);
      if (!(error instanceof StateError)) throw error;
      const retriers = ('Retry' in state && state.Retry) || [];
      const delay = retryDelay(retriers, error, thread.attempts, () => run.environment.random());
      if (delay !== null) {
        run.execution.transitions++;
        thread.threads = null;
        await scope.pause(run.environment.clock, delay * 1000);
        continue;
      }
      const catcher = catcherFor(('Catch' in state && state.Catch) || [], error);
      if (!catcher) throw error;
      const caught = { Error: error.error ?? '', Cause: error.cause ?? '' };
      return leave(run, state, thread, {
        output: combine(catcher.ResultPath, thread.input, caught),
        next: catcher.Next,
      });
    }
  }
}

/** Says in which state a path or function could not be evaluated. */
const explained = (problem: unknown, thread: Thread): unknown =>
  problem instanceof EvaluationError ? problem.in(thread.state, thread.entered!.event) : problem;

function enter(run: Run, state: State, thread: Thread): void {
  note(run, thread, `${state.Type}StateEntered`, {
    stateEnteredEventDetails: { name: thread.state, input: JSON.stringify(thread.input), inputDetails: whole },
  });
  thread.entered = { at: run.environment.clock.now(), event: thread.event };
  run.execution.transitions++;
}

function leave(run: Run, state: State, thread: Thread, left: Left): Left {
  const output = payload(left.output, thread.state);
  note(run, thread, `${state.Type as Exclude<State['Type'], 'Fail'>}StateExited`, {
    stateExitedEventDetails: { name: thread.state, output, outputDetails: whole },
  });
  return left;
}

function noteAborted(run: Run, state: State, thread: Thread): void {
  const { Type } = state;
  if (Type === 'Task' || Type === 'Wait' || Type === 'Parallel' || Type === 'Map') {
    note(run, thread, `${Type}StateAborted`);
  }
}

async function attempt(run: Run, scope: WaitScope, state: State, thread: Thread): Promise<Left> {
  if (state.Type === 'Task') return finish(run, state, thread, await attemptTask(run, scope, state, thread));
  if (state.Type === 'Parallel') {
    return finish(run, state, thread, await attemptParallel(run, scope, state, thread, runThread));
  }
  if (state.Type === 'Map') {
    return finish(run, state, thread, await attemptMap(run, scope, state, thread, runThread));
  }
  const context = contextOf(run, thread);
  if (state.Type === 'Fail') throw failure(run, state, { data: thread.input, context });
  const paths: Scope = { data: effectiveInput(state, thread.input, context), context };
  if (state.Type === 'Pass') {
    return finish(run, state, thread, state.Result ?? parameters(state.Parameters, paths, run.environment));
  }
  const output = () => pick(state.OutputPath, paths);
  if (state.Type === 'Succeed') return { output: output(), next: null };
  if (state.Type === 'Wait') {
    await scope.pause(run.environment.clock, waitingTime(state, paths, run.environment.clock.now()));
    return { output: output(), next: state.Next ?? null };
  }
  const next = state.Choices.find((rule) => holds(rule, paths))?.Next ?? state.Default;
  // Documented as States.NoChoiceMatched; what AWS answers is this.
  if (next !== undefined) return { output: output(), next };
  throw new EvaluationError(
    'States.Runtime',
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}

type MakesResult = Extract<State, { Type: 'Task' | 'Parallel' | 'Map' | 'Pass' }>;

function finish(run: Run, state: MakesResult, thread: Thread, result: Json): Left {
  const output = outputOf(state, thread.input, result, contextOf(run, thread), run.environment);
  return { output, next: state.Next ?? null };
}

function failure(run: Run, state: Fail, scope: Scope): StateError {
  const text = (fixed: string | undefined, expression: string | undefined, field: string) => {
    if (expression === undefined) return fixed;
    const value = evaluate(expression, field, scope, run.environment);
    if (typeof value === 'string') return value;
    throw new EvaluationError('States.Runtime', `The value at '${expression}' for the field '${field}' is no string`);
  };
  return new StateError(
    text(state.Error, state.ErrorPath, 'ErrorPath'),
    text(state.Cause, state.CausePath, 'CausePath'),
  );
}

/** Milliseconds that a Wait state waits from now on. */
function waitingTime(state: Wait, paths: Scope, now: number): number {
  if (state.Seconds !== undefined) return state.Seconds * 1000;
  if (state.Timestamp !== undefined) return until(state.Timestamp, state.Timestamp, now);
  const path = state.SecondsPath ?? state.TimestampPath!;
  const value = readPath(path, paths);
  if (state.TimestampPath !== undefined) return until(value ?? null, path, now);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value * 1000;
  throw new EvaluationError(
    'States.Runtime',
    `The SecondsPath parameter '${path}' does not reference an integer number of seconds that is not negative`,
  );
}

function until(value: Json, source: string, now: number): number {
  const time = timestamp(value);
  if (time !== null) return Math.max(0, time - now);
  throw new EvaluationError('States.Runtime', `The timestamp '${source}' is no RFC 3339 time`);
}
