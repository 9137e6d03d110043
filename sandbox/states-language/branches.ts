/** Parallel and Map: states that run threads of their own. */
import { effectiveInput, parameters } from './data-flow.ts';
import type { MapState, Parallel, States } from './definition.ts';
import { Aborted, EvaluationError, StateError } from './errors.ts';
import { type Thread, threadAt } from './execution.ts';
import type { Json } from './json.ts';
import { readPath, type Scope } from './paths.ts';
import { contextOf, note, type Run } from './run.ts';
import { itemProcessorOf } from './validation.ts';
import type { Scope as WaitScope } from './waiting.ts';

/** Runs a thread to its end. */
export type RunThread = (run: Run, scope: WaitScope, states: States, thread: Thread) => Promise<Json>;

/** AWS runs at most this many items of an inline Map at once. */
const MOST_CONCURRENT_ITEMS = 40;

/** One attempt of a Parallel state; goes on with its threads where it has some from before a redrive. */
export async function attemptParallel(
  run: Run,
  scope: WaitScope,
  state: Parallel,
  thread: Thread,
  runThread: RunThread,
): Promise<Json> {
  if (!thread.threads) {
    const context = contextOf(run, thread);
    const data = effectiveInput(state, thread.input, context);
    const input = parameters(state.Parameters, { data, context }, run.environment);
    note(run, thread, 'ParallelStateStarted');
    thread.threads = state.Branches.map((branch) => threadAt(branch.StartAt, input, thread.event, thread.item));
  }
  try {
    await runThreads(scope, thread.threads, Number.POSITIVE_INFINITY, 0, async (inner, branch, index) => {
      await runThread(run, inner, state.Branches[index]!, branch);
      thread.event = branch.event;
    });
  } catch (error) {
    throw stateFailed(run, thread, error, 'ParallelStateFailed');
  }
  note(run, thread, 'ParallelStateSucceeded');
  return outputsOf(thread.threads);
}

/** One attempt of a Map state. */
export async function attemptMap(
  run: Run,
  scope: WaitScope,
  state: MapState,
  thread: Thread,
  runThread: RunThread,
): Promise<Json> {
  const processor = itemProcessorOf(state)!;
  const context = contextOf(run, thread);
  const paths: Scope = { data: effectiveInput(state, thread.input, context), context };
  if (!thread.threads) {
    const items = itemsOf(state, paths);
    const threads = items.map((value, index) => {
      const ofItem = contextOf(run, { ...thread, item: { index, value } });
      const template = state.ItemSelector ?? state.Parameters;
      const input =
        template === undefined ? value : parameters(template, { data: paths.data, context: ofItem }, run.environment);
      return threadAt(processor.StartAt, input, 0, { index, value });
    });
    note(run, thread, 'MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
    for (const item of threads) item.event = thread.event;
    thread.threads = threads;
  }
  const concurrency = numberOf(state.MaxConcurrency, state.MaxConcurrencyPath, paths) || MOST_CONCURRENT_ITEMS;
  const tolerated = toleratedFailures(state, paths, thread.threads.length);
  const { state: name } = thread;
  const runItem = async (inner: WaitScope, item: Thread) => {
    const { index } = item.item!;
    note(run, item, 'MapIterationStarted', { mapIterationStartedEventDetails: { name, index } });
    try {
      await runThread(run, inner, processor, item);
      note(run, item, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: { name, index } });
      thread.event = item.event;
    } catch (error) {
      const details = { name, index };
      if (error instanceof StateError) {
        note(run, item, 'MapIterationFailed', { mapIterationFailedEventDetails: details });
        thread.event = item.event;
      } else if (!run.scope.over && error instanceof Aborted) {
        note(run, item, 'MapIterationAborted', { mapIterationAbortedEventDetails: details });
      }
      throw error;
    }
  };
  try {
    await runThreads(scope, thread.threads, Math.min(concurrency, MOST_CONCURRENT_ITEMS), tolerated, runItem);
  } catch (error) {
    throw stateFailed(run, thread, error, 'MapStateFailed');
  }
  note(run, thread, 'MapStateSucceeded');
  return outputsOf(thread.threads);
}

/**
 * Runs the threads that have not ended yet. With more failures than tolerated the others are aborted; the error is
 * the first thread's own where none is tolerated.
 */
function runThreads(
  scope: WaitScope,
  threads: readonly Thread[],
  concurrency: number,
  tolerated: number,
  runOne: (inner: WaitScope, thread: Thread, index: number) => Promise<void>,
): Promise<void> {
  const waiting = threads.map((_, index) => index).filter((index) => threads[index]!.end?.kind !== 'succeeded');
  if (waiting.length === 0) return Promise.resolve();
  const inner = scope.inner();
  let running = 0;
  let failures = 0;
  let failure: unknown = null;
  return scope.suspend<void>((settle) => {
    const ended = (error: unknown) => {
      running--;
      if (error instanceof StateError) failures++;
      const fatal = error !== null && (!(error instanceof StateError) || failures > tolerated);
      if (fatal && failure === null) {
        failure = error instanceof StateError && tolerated > 0 ? thresholdExceeded() : error;
        waiting.length = 0;
        inner.end();
      }
      startMore();
      if (running > 0) return;
      if (failure) settle.reject(failure);
      else settle.resolve();
    };
    const start = async (index: number) => {
      scope.wakefulness.wake();
      let error: unknown = null;
      await runOne(inner, threads[index]!, index).catch((reason) => {
        error = reason;
      });
      ended(error);
      scope.wakefulness.rest();
    };
    const startMore = () => {
      while (running < concurrency && waiting.length > 0) {
        running++;
        void start(waiting.shift()!);
      }
    };
    startMore();
    return () => inner.end();
  });
}

const thresholdExceeded = () =>
  new StateError('States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded');

function stateFailed(run: Run, thread: Thread, error: unknown, type: 'ParallelStateFailed' | 'MapStateFailed') {
  if (!(error instanceof StateError)) return error;
  // A branch's latest event is the one that the failure follows from.
  thread.event = Math.max(thread.event, ...thread.threads!.filter(failed).map((branch) => branch.event));
  note(run, thread, type);
  return error;
}

const failed = (thread: Thread) => thread.end?.kind === 'failed';

/** In the order of branches or items, however long each took. Failures that were tolerated have no output. */
const outputsOf = (threads: readonly Thread[]): Json =>
  threads.flatMap((thread) => (thread.end?.kind === 'succeeded' ? [thread.end.output] : []));

function itemsOf(state: MapState, paths: Scope): readonly Json[] {
  const path = state.ItemsPath ?? '$';
  const items = readPath(path, paths);
  if (Array.isArray(items)) return items;
  throw new EvaluationError('States.Runtime', `Reference path "${path}" must point to array.`);
}

function toleratedFailures(state: MapState, paths: Scope, items: number): number {
  const count = numberOf(state.ToleratedFailureCount, state.ToleratedFailureCountPath, paths);
  const share = numberOf(state.ToleratedFailurePercentage, state.ToleratedFailurePercentagePath, paths);
  if (count === undefined && share === undefined) return 0;
  return Math.min(count ?? Infinity, share === undefined ? Infinity : Math.floor((items * share) / 100));
}

function numberOf(fixed: number | undefined, path: string | undefined, paths: Scope): number | undefined {
  if (path === undefined) return fixed;
  const value = readPath(path, paths);
  if (typeof value === 'number' && value >= 0) return value;
  throw new EvaluationError('States.Runtime', `The path '${path}' must name a number that is not negative`);
}
