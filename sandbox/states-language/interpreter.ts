/**
 * Runs executions of the states language (JSONPath, Standard workflows).
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 * An execution is plain data; this file runs it, from its start or from the states that failed.
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { applyResultPath, payloadText } from './data-flow.ts';
import type { State, StateGroup } from './definition.ts';
import { AbortedError, EvaluationError, StateError, TimeoutError } from './errors.ts';
import { createThread, type Execution, type Thread } from './execution.ts';
import { type EventDetails, NOT_TRUNCATED, recordEvent } from './history.ts';
import type { Json } from './json.ts';
import { catcherFor, retryDelay } from './retry.ts';
import { type ExecutionEnvironment, type ExecutionRun, recordThreadEvent, type TaskAnswer } from './run.ts';
import { attemptState, type StateTransition } from './states.ts';
import { parseDefinition } from './validation.ts';
import { ThreadClockHold, ThreadScope } from './waiting.ts';

export type RunningExecution = {
  /** Resolves when the execution has ended; rejects only for a defect of the interpreter. */
  readonly done: Promise<void>;
  stop(error: string | undefined, cause: string | undefined): void;
  answer(token: string, answer: TaskAnswer): boolean;
};

export function startExecution(environment: ExecutionEnvironment, execution: Execution): RunningExecution {
  recordEvent(execution, environment.clock.now(), 0, 'ExecutionStarted', {
    executionStartedEventDetails: { input: execution.input, inputDetails: NOT_TRUNCATED, roleArn: execution.roleArn },
  });
  return run(environment, execution);
}

/**
 * Continues a failed, timed-out or stopped execution in the states where it ended. Their retriers start at zero;
 * results of successful states are kept.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function redriveExecution(environment: ExecutionEnvironment, execution: Execution): RunningExecution {
  const now = environment.clock.now();
  Object.assign(execution, { status: 'RUNNING', stopDate: undefined, error: undefined, cause: undefined });
  execution.redriveCount++;
  execution.redriveDate = now;
  execution.transitions++;
  const event = recordEvent(execution, now, execution.history.length, 'ExecutionRedriven', {
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

function run(environment: ExecutionEnvironment, execution: Execution): RunningExecution {
  const machine = parseDefinition(execution.definition);
  const clockHold = new ThreadClockHold(environment.clock);
  const scope = new ThreadScope(clockHold);
  const waitingTasks: ExecutionRun['waitingTasks'] = new Map();
  const running: ExecutionRun = { environment, execution, input: JSON.parse(execution.input), scope, waitingTasks };
  const timer =
    machine.TimeoutSeconds === undefined
      ? null
      : environment.clock.after(machine.TimeoutSeconds * 1000, () => timeOut(running), { daemon: true });
  environment.changed(execution);
  clockHold.acquire();
  const done = runThread(running, scope, machine, execution.thread)
    .then((output) => succeed(running, output))
    .catch((error) => fail(running, error))
    .finally(() => {
      timer?.cancel();
      clockHold.release();
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

function succeed(run: ExecutionRun, output: Json): void {
  const text = JSON.stringify(output);
  close(run, { status: 'SUCCEEDED', output: text }, run.execution.thread.event, 'ExecutionSucceeded', {
    executionSucceededEventDetails: { output: text, outputDetails: NOT_TRUNCATED },
  });
}

function fail(run: ExecutionRun, problem: unknown): void {
  if (problem instanceof AbortedError) return;
  if (!(problem instanceof StateError)) throw problem;
  const { error, cause } = problem;
  const details = { executionFailedEventDetails: { error, cause } };
  close(run, { status: 'FAILED', error, cause }, run.execution.thread.event, 'ExecutionFailed', details);
}

function timeOut(run: ExecutionRun): void {
  const details = { executionTimedOutEventDetails: { error: 'States.Timeout' } };
  close(run, { status: 'TIMED_OUT', error: 'States.Timeout' }, 0, 'ExecutionTimedOut', details);
}

function close(
  run: ExecutionRun,
  outcome: Pick<Execution, 'status'> & Partial<Pick<Execution, 'output' | 'error' | 'cause'>>,
  previous: number,
  type: HistoryEvent['type'],
  details: EventDetails,
): void {
  const { execution, environment } = run;
  if (run.scope.over) return;
  const now = environment.clock.now();
  Object.assign(execution, outcome, { stopDate: now });
  recordEvent(execution, now, previous, type, details);
  run.scope.end();
  environment.changed(execution);
}

async function runThread(run: ExecutionRun, scope: ThreadScope, states: StateGroup, thread: Thread): Promise<Json> {
  try {
    for (;;) {
      const { output, next } = await runState(run, scope, states, thread);
      if (next === null) {
        thread.end = { kind: 'succeeded', output };
        return output;
      }
      Object.assign(thread, createThread(next, output, thread.event, thread.item));
    }
  } catch (error) {
    const problem = withStateName(error, thread);
    if (problem instanceof StateError) thread.end = { kind: 'failed', error: problem.error };
    else thread.end = { kind: 'aborted' };
    throw problem;
  }
}

async function runState(
  run: ExecutionRun,
  scope: ThreadScope,
  states: StateGroup,
  thread: Thread,
): Promise<StateTransition> {
  if (scope.over) throw new AbortedError();
  const state = states.States[thread.state]!;
  // After a redrive a state is not entered again, except for a Fail state.
  if (!thread.entered || state.Type === 'Fail') enter(run, state, thread);
  for (;;) {
    try {
      return leave(run, state, thread, await attemptState(run, scope, state, thread, runThread));
    } catch (problem) {
      const error = withStateName(problem, thread);
      if (error instanceof AbortedError && !run.scope.over) noteAborted(run, state, thread);
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
      const caught = { Error: error.error ?? null, Cause: error.cause ?? (error instanceof TimeoutError ? '' : null) };
      return leave(run, state, thread, {
        output: applyResultPath(catcher.ResultPath, thread.input, caught),
        next: catcher.Next,
      });
    }
  }
}

/** Adds the state to the error of its path or function. */
const withStateName = (problem: unknown, thread: Thread): unknown =>
  problem instanceof EvaluationError ? problem.in(thread.state, thread.entered!.event) : problem;

function enter(run: ExecutionRun, state: State, thread: Thread): void {
  recordThreadEvent(run, thread, `${state.Type}StateEntered`, {
    stateEnteredEventDetails: { name: thread.state, input: JSON.stringify(thread.input), inputDetails: NOT_TRUNCATED },
  });
  thread.entered = { at: run.environment.clock.now(), event: thread.event };
  run.execution.transitions++;
}

function leave(run: ExecutionRun, state: State, thread: Thread, transition: StateTransition): StateTransition {
  const output = payloadText(transition.output, thread.state);
  recordThreadEvent(run, thread, `${state.Type as Exclude<State['Type'], 'Fail'>}StateExited`, {
    stateExitedEventDetails: { name: thread.state, output, outputDetails: NOT_TRUNCATED },
  });
  return transition;
}

function noteAborted(run: ExecutionRun, state: State, thread: Thread): void {
  const { Type } = state;
  if (Type === 'Task' || Type === 'Wait' || Type === 'Parallel' || Type === 'Map') {
    recordThreadEvent(run, thread, `${Type}StateAborted`);
  }
}
