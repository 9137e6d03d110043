/**
 * Consumes the queues of event source mappings. A poller sleeps while its queue has no visible message, so that it does
 * not hold a virtual clock. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import type { Message, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { withSuspendedHolds } from '../../kernel/clock.ts';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { onVisibleMessage } from '../sqs/arrivals.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';
import {
  functionRoleSession,
  parseFunctionName,
  type ResolvedFunction,
  resolveFunction,
} from './function-reference.ts';
import { runInvocation } from './run-invocation.ts';
import { failedMessages, sqsEvent } from './sqs-event.ts';
import { type EventSourceMapping, LAMBDA } from './state.ts';

/** Batches that Lambda processes concurrently when a queue starts to fill. */
const DEFAULT_CONCURRENCY = 5;
/** Retries follow after 1, 2, 4 and 8 s. */
const CALL_ATTEMPTS = 5;

type Poller = {
  readonly kernel: Kernel;
  readonly place: AwsPlace;
  readonly mappingId: string;
  readonly stopListening: () => void;
  hasArrivals: boolean;
  isConsuming: boolean;
  wake: () => void;
};

const pollers = new WeakMap<Kernel, Map<string, Poller>>();

export const startPolling = (kernel: Kernel, place: AwsPlace, mappingId: string): void => {
  const all = pollers.get(kernel) ?? new Map<string, Poller>();
  pollers.set(kernel, all);
  if (all.has(mappingId)) return;
  const { queueArn } = kernel.state(LAMBDA, place).mappings.get(mappingId)!;
  const stopListening = onVisibleMessage(kernel, queueArn, () => wakePoller(poller));
  const poller: Poller = {
    kernel,
    place,
    mappingId,
    stopListening,
    hasArrivals: false,
    isConsuming: false,
    wake: () => {},
  };
  all.set(mappingId, poller);
  wakePoller(poller);
};

export const stopPolling = (kernel: Kernel, mappingId: string): void => {
  pollers.get(kernel)?.get(mappingId)?.stopListening();
  pollers.get(kernel)?.delete(mappingId);
};

const wakePoller = (poller: Poller): void => {
  poller.hasArrivals = true;
  poller.wake();
  if (poller.isConsuming) return;
  poller.isConsuming = true;
  poller.kernel.background(`poller of ${poller.mappingId}`, async () => {
    try {
      await consume(poller);
    } finally {
      poller.isConsuming = false;
    }
  });
};

/** Processes several batches concurrently, until the queue is empty. */
const consume = async (poller: Poller): Promise<void> => {
  const inProcess = new Set<Promise<void>>();
  while (poller.hasArrivals || inProcess.size > 0) {
    const work = currentWork(poller);
    if (!work) break;
    if (!poller.hasArrivals || inProcess.size >= (work.mapping.concurrency ?? DEFAULT_CONCURRENCY)) {
      await withSuspendedHolds(() => Promise.race([...inProcess, nextArrival(poller)]));
      continue;
    }
    const messages = await gatherBatch(poller, work);
    if (messages.length === 0) continue;
    const processing = processBatch(poller, work, messages);
    const tracked = processing.finally(() => inProcess.delete(tracked));
    inProcess.add(tracked);
  }
  await withSuspendedHolds(() => Promise.all(inProcess));
};

type Work = { readonly mapping: EventSourceMapping; readonly target: ResolvedFunction };

/** Returns undefined if the mapping or its function was deleted, or the mapping is disabled. */
const currentWork = ({ kernel, place, mappingId }: Poller): Work | undefined => {
  const state = kernel.state(LAMBDA, place);
  const mapping = state.mappings.get(mappingId);
  if (!mapping?.enabled || !state.functions.has(mapping.functionName)) return undefined;
  return {
    mapping,
    target: resolveFunction(kernel, parseFunctionName(place, mapping.functionName, mapping.qualifier)),
  };
};

const nextArrival = (poller: Poller): Promise<void> =>
  new Promise((resolve) => {
    poller.wake = resolve;
  });

const gatherBatch = async (poller: Poller, work: Work): Promise<Message[]> => {
  const { batchSize, windowSeconds } = work.mapping;
  const { clock } = poller.kernel;
  const batch: Message[] = [];
  let closesAtMs: number | undefined;
  while (batch.length < batchSize) {
    poller.hasArrivals = false;
    const received = await receive(poller, work, Math.min(10, batchSize - batch.length));
    batch.push(...received);
    if (received.length > 0) {
      closesAtMs ??= clock.now() + windowSeconds * 1000;
      // Only an empty response shows that the queue is empty.
      poller.hasArrivals = true;
      continue;
    }
    const remainingMs = (closesAtMs ?? 0) - clock.now();
    if (remainingMs <= 0 || poller.hasArrivals) break;
    await withSuspendedHolds(() => arrivalWithin(poller, remainingMs));
  }
  return batch;
};

const arrivalWithin = async (poller: Poller, ms: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = poller.kernel.clock.after(ms, resolve);
  poller.wake = resolve;
  await promise;
  timer.cancel();
};

const processBatch = async (poller: Poller, work: Work, messages: readonly Message[]): Promise<void> => {
  const { kernel } = poller;
  const { mapping, target } = work;
  const request = { event: sqsEvent(mapping, poller.place, messages), requestId: kernel.uuid() };
  const outcome = await runUnlessThrottled(kernel, target, request);
  const failed = outcome?.kind === 'done' ? failedMessages(mapping, messages, outcome.payload) : messages;
  const done = messages.filter((message) => !failed.includes(message));
  // Failed messages become visible again after their visibility timeout.
  for (let first = 0; first < done.length; first += 10)
    await deleteMessages(poller, work, done.slice(first, first + 10));
  mapping.lastResult = failed.length > 0 ? 'PROBLEM: Function call failed' : 'OK';
};

/** @returns undefined if the function's concurrency is used up: the messages then wait for their visibility timeout */
const runUnlessThrottled = async (
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

const receive = async (poller: Poller, work: Work, max: number): Promise<readonly Message[]> => {
  const { Messages } = await callQueue<ReceiveMessageResult>(poller, work, 'ReceiveMessage', {
    MaxNumberOfMessages: max,
    WaitTimeSeconds: 0,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return Messages ?? [];
};

const deleteMessages = async (poller: Poller, work: Work, messages: readonly Message[]): Promise<void> => {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await callQueue(poller, work, 'DeleteMessageBatch', { Entries });
};

/** Uses the function's role. A persistent error is recorded on the mapping and rejects `settled()`. */
const callQueue = async <O>(
  poller: Poller,
  { mapping, target }: Work,
  operation: string,
  input: object,
): Promise<O> => {
  const { kernel, place } = poller;
  const request = { QueueUrl: queueUrl(kernel, parseQueueArn(mapping.queueArn)!), ...input };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await kernel.call<object, O>(functionRoleSession(kernel, target), place, 'sqs', operation, request);
    } catch (error) {
      mapping.lastResult = `PROBLEM: ${(error as Error).message}`;
      if (attempt === CALL_ATTEMPTS) throw error;
      await kernel.clock.sleep(2 ** (attempt - 1) * 1000);
    }
  }
};
