/** The part that pollers of queues and of streams share. */
import { withSuspendedHolds } from '../../kernel/clock.ts';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import {
  functionRoleSession,
  parseFunctionName,
  type ResolvedFunction,
  resolveFunction,
} from './function-reference.ts';
import { runInvocation } from './run-invocation.ts';
import { type EventSourceMapping, LAMBDA } from './state.ts';

/** Retries follow after 1, 2, 4 and 8 s. */
const CALL_ATTEMPTS = 5;

export type Poller = {
  readonly kernel: Kernel;
  readonly place: AwsPlace;
  readonly mappingId: string;
  /** Returns when the source is empty. */
  readonly consume: (poller: Poller) => Promise<void>;
  readonly stopListening: () => void;
  hasArrivals: boolean;
  isStopped: boolean;
  isConsuming: boolean;
  wake: () => void;
};

export type MappingWork = { readonly mapping: EventSourceMapping; readonly target: ResolvedFunction };

/** Returns undefined if the mapping or its function was deleted, or the mapping was disabled or changed. */
export const currentWork = ({ kernel, place, mappingId, isStopped }: Poller): MappingWork | undefined => {
  const state = kernel.state(LAMBDA, place);
  const mapping = state.mappings.get(mappingId);
  if (isStopped || !mapping?.enabled || !state.functions.has(mapping.functionName)) return undefined;
  return {
    mapping,
    target: resolveFunction(kernel, parseFunctionName(place, mapping.functionName, mapping.qualifier)),
  };
};

export const nextArrival = (poller: Poller): Promise<void> =>
  new Promise((resolve) => {
    poller.wake = resolve;
  });

/** Returns at an arrival, or after `ms`. */
export const arrivalWithin = (poller: Poller, ms: number): Promise<void> =>
  withSuspendedHolds(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = poller.kernel.clock.after(ms, resolve);
    poller.wake = resolve;
    await promise;
    timer.cancel();
  });

/** @returns undefined if the function's concurrency is used up */
export const runUnlessThrottled = async (
  kernel: Kernel,
  target: ResolvedFunction,
  request: Parameters<typeof runInvocation>[2],
): Promise<InvocationOutcome | undefined> => {
  try {
    return await runInvocation(kernel, target, request);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TooManyRequestsException') return undefined;
    throw error;
  }
};

export type SourceCall = { readonly service: string; readonly operation: string; readonly input: object };

/**
 * Calls the source with the function's role. A persistent error is recorded on the mapping and rejects `settled()`.
 * @param isFinal returns true for an error that no retry can change
 */
export const callSource = async <O>(
  { kernel, place }: Poller,
  { mapping, target }: MappingWork,
  { service, operation, input }: SourceCall,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<O> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await kernel.call<object, O>(functionRoleSession(kernel, target), place, service, operation, input);
    } catch (error) {
      mapping.lastResult = `PROBLEM: ${(error as Error).message}`;
      if (attempt === CALL_ATTEMPTS || isFinal(error)) throw error;
      await kernel.clock.sleep(2 ** (attempt - 1) * 1000);
    }
  }
};
