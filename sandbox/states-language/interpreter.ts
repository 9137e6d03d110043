/**
 * Runs executions of the states language (JSONPath, Standard workflows).
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 * An execution is plain data; this file moves it along, from its start or from where it failed.
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { combine, payload } from './data-flow.ts';
import type { State, States } from './definition.ts';
import { Aborted, EvaluationError, StateError } from './errors.ts';
import { type Execution, type Thread, threadAt } from './execution.ts';
import { type EventDetails, record, whole } from './history.ts';
import type { Json } from './json.ts';
import { catcherFor, retryDelay } from './retry.ts';
import { type Environment, note, type Run, type TaskAnswer } from './run.ts';
import { attempt, type Left } from './states.ts';
import { parseDefinition } from './validation.ts';
import { Scope as WaitScope, Wakefulness } from './waiting.ts';

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

async function runState(run: Run, scope: WaitScope, states: States, thread: Thread): Promise<Left> {
  if (scope.over) throw new Aborted();
  const state = states.States[thread.state]!;
  // After a redrive a state is not entered again, but for a Fail state, which has nothing to go on with.
  if (!thread.entered || state.Type === 'Fail') enter(run, state, thread);
  for (;;) {
    try {
      return leave(run, state, thread, await attempt(run, scope, state, thread, runThread));
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
