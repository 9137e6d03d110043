/** Parallel and Map: states that run their own threads. */
import { effectiveInput, parametersOf } from './data-flow.ts';
import type { MapState, Parallel, StateGroup } from './definition.ts';
import { AbortedError, EvaluationError, StateError } from './errors.ts';
import { createThread, type Thread } from './execution.ts';
import type { Json } from './json.ts';
import { type PathScope, readPath } from './paths.ts';
import { contextOf, type ExecutionRun, recordStateSuccess, recordThreadEvent } from './run.ts';
import { itemProcessorOf } from './validation.ts';
import type { ThreadScope } from './waiting.ts';

export type RunThread = (run: ExecutionRun, scope: ThreadScope, states: StateGroup, thread: Thread) => Promise<Json>;

/** AWS's limit for an inline Map. */
const MOST_CONCURRENT_ITEMS = 40;

export async function attemptParallel(
  run: ExecutionRun,
  scope: ThreadScope,
  state: Parallel,
  thread: Thread,
  runThread: RunThread,
): Promise<Json> {
  if (!thread.threads) {
    const context = contextOf(run, thread);
    const data = effectiveInput(state, thread.input, context);
    const input = parametersOf(state.Parameters, { data, context }, run.environment);
    recordThreadEvent(run, thread, 'ParallelStateStarted');
    thread.threads = state.Branches.map((branch) => createThread(branch.StartAt, input, thread.event, thread.item));
  }
  try {
    await runThreads(scope, thread.threads, ALL_AT_ONCE, async (inner, branch, index) => {
      await runThread(run, inner, state.Branches[index]!, branch);
      thread.event = branch.event;
    });
  } catch (error) {
    throw stateFailed(run, thread, error, 'ParallelStateFailed');
  }
  recordStateSuccess(run, thread, 'ParallelStateSucceeded');
  return outputsOf(thread.threads);
}

export async function attemptMap(
  run: ExecutionRun,
  scope: ThreadScope,
  state: MapState,
  thread: Thread,
  runThread: RunThread,
): Promise<Json> {
  const processor = itemProcessorOf(state)!;
  const context = contextOf(run, thread);
  const paths: PathScope = { data: effectiveInput(state, thread.input, context), context };
  thread.threads ??= startMap(run, state, thread, paths);
  const concurrency = numberOf(state.MaxConcurrency, state.MaxConcurrencyPath, paths) || MOST_CONCURRENT_ITEMS;
  const limits = {
    concurrency: Math.min(concurrency, MOST_CONCURRENT_ITEMS),
    toleratedFailures: toleratedFailuresOf(state, paths, thread.threads.length),
  };
  const runItem = (inner: ThreadScope, item: Thread) =>
    runIteration(run, thread, item, () => runThread(run, inner, processor, item));
  try {
    await runThreads(scope, thread.threads, limits, runItem);
  } catch (error) {
    throw stateFailed(run, thread, error, 'MapStateFailed');
  }
  recordStateSuccess(run, thread, 'MapStateSucceeded');
  return outputsOf(thread.threads);
}

/** Records the start of the Map, and returns a thread for each item. */
function startMap(run: ExecutionRun, state: MapState, thread: Thread, paths: PathScope): Thread[] {
  const { StartAt } = itemProcessorOf(state)!;
  const template = state.ItemSelector ?? state.Parameters;
  const threads = itemsOf(state, paths).map((value, index) => {
    const item = { index, value };
    if (template === undefined) return createThread(StartAt, value, 0, item);
    const context = contextOf(run, { ...thread, item });
    return createThread(StartAt, parametersOf(template, { data: paths.data, context }, run.environment), 0, item);
  });
  recordThreadEvent(run, thread, 'MapStateStarted', { mapStateStartedEventDetails: { length: threads.length } });
  return threads;
}

/** Runs one iteration of a Map between the events that AWS records for it. */
async function runIteration(
  run: ExecutionRun,
  map: Thread,
  item: Thread,
  runProcessor: () => Promise<unknown>,
): Promise<void> {
  const details = { name: map.state, index: item.item!.index };
  // An iteration that waited for another one follows its last event.
  if (!item.entered) item.event = map.event;
  recordThreadEvent(run, item, 'MapIterationStarted', { mapIterationStartedEventDetails: details });
  try {
    await runProcessor();
    recordStateSuccess(run, item, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: details });
    map.event = item.event;
  } catch (error) {
    if (error instanceof StateError) {
      recordThreadEvent(run, item, 'MapIterationFailed', { mapIterationFailedEventDetails: details });
      map.event = item.event;
    } else if (!run.scope.over && error instanceof AbortedError) {
      recordThreadEvent(run, item, 'MapIterationAborted', { mapIterationAbortedEventDetails: details });
    }
    throw error;
  }
}

type ThreadLimits = { readonly concurrency: number; readonly toleratedFailures: number };

/** A Parallel state runs every branch at once, and fails with the first one. */
const ALL_AT_ONCE: ThreadLimits = { concurrency: Number.POSITIVE_INFINITY, toleratedFailures: 0 };

/**
 * Runs the threads that have not ended yet. The first fatal error aborts the others, and the promise rejects with it
 * when all have ended.
 */
function runThreads(
  scope: ThreadScope,
  threads: readonly Thread[],
  { concurrency, toleratedFailures }: ThreadLimits,
  runOne: (inner: ThreadScope, thread: Thread, index: number) => Promise<void>,
): Promise<void> {
  const waiting = threads.map((_, index) => index).filter((index) => threads[index]!.end?.kind !== 'succeeded');
  if (waiting.length === 0) return Promise.resolve();
  const inner = scope.inner();
  let running = 0;
  let failures = 0;
  let abortedBy: unknown;
  return scope.suspend<void>((settle) => {
    const abort = (error: unknown) => {
      abortedBy = error;
      waiting.length = 0;
      inner.end();
    };
    const onEnd = (error: unknown) => {
      running--;
      if (error instanceof StateError) failures++;
      const fatal = fatalError(error, failures, toleratedFailures);
      if (fatal && !abortedBy) abort(fatal);
      startWaiting();
      if (running > 0) return;
      if (abortedBy) settle.reject(abortedBy);
      else settle.resolve();
    };
    const start = async (index: number) => {
      scope.clockHold.acquire();
      onEnd(await errorOf(runOne(inner, threads[index]!, index)));
      scope.clockHold.release();
    };
    const startWaiting = () => {
      while (running < concurrency && waiting.length > 0) {
        running++;
        void start(waiting.shift()!);
      }
    };
    startWaiting();
    return () => inner.end();
  });
}

/** Returns the error with which a promise rejects; undefined if it resolves. */
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Returns the error with which a thread's error ends the state; undefined if the state tolerates it. */
function fatalError(error: unknown, failures: number, toleratedFailures: number): unknown {
  if (!(error instanceof StateError)) return error;
  if (failures <= toleratedFailures) return undefined;
  return toleratedFailures > 0 ? thresholdExceeded() : error;
}

const thresholdExceeded = () =>
  new StateError('States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded');

function stateFailed(
  run: ExecutionRun,
  thread: Thread,
  error: unknown,
  type: 'ParallelStateFailed' | 'MapStateFailed',
) {
  if (!(error instanceof StateError)) return error;
  // The failure follows the branch's latest event.
  thread.event = Math.max(thread.event, ...thread.threads!.filter(failed).map((branch) => branch.event));
  recordThreadEvent(run, thread, type);
  return error;
}

const failed = (thread: Thread) => thread.end?.kind === 'failed';

/** Returns the outputs in the order of branches or items. Tolerated failures have no output. */
const outputsOf = (threads: readonly Thread[]): Json =>
  threads.flatMap((thread) => (thread.end?.kind === 'succeeded' ? [thread.end.output] : []));

function itemsOf(state: MapState, paths: PathScope): readonly Json[] {
  const path = state.ItemsPath ?? '$';
  const items = readPath(path, paths);
  if (Array.isArray(items)) return items;
  throw new EvaluationError('States.Runtime', `Reference path "${path}" must point to array.`);
}

function toleratedFailuresOf(state: MapState, paths: PathScope, items: number): number {
  const count = numberOf(state.ToleratedFailureCount, state.ToleratedFailureCountPath, paths);
  const share = numberOf(state.ToleratedFailurePercentage, state.ToleratedFailurePercentagePath, paths);
  if (count === undefined && share === undefined) return 0;
  return Math.min(count ?? Infinity, share === undefined ? Infinity : Math.floor((items * share) / 100));
}

function numberOf(fixed: number | undefined, path: string | undefined, paths: PathScope): number | undefined {
  if (path === undefined) return fixed;
  const value = readPath(path, paths);
  if (typeof value === 'number' && value >= 0) return value;
  throw new EvaluationError('States.Runtime', `The path '${path}' must name a number that is not negative`);
}
