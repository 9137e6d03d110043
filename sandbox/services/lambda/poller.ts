/**
 * Consumes the queues of event source mappings. A poller sleeps while its queue has no visible message, and so keeps
 * nobody waiting. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import type { Message, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { lettingTimePass } from '../../kernel/clock.ts';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { Outcome } from '../../runtime/instance.ts';
import { onMessage } from '../sqs/index.ts';
import { eventOf, failedItems } from './batch.ts';
import { lambda } from './index.ts';
import { runTarget } from './run.ts';
import type { EventSourceMapping } from './state.ts';
import { findTarget, namedBy, roleSession, type Target } from './target.ts';

/** Batches that Lambda processes at the same time when a queue starts to fill. */
const defaultConcurrency = 5;
/** Calls to the queue that fail are made again after 1, 2, 4 and 8 s. */
const callAttempts = 5;

type Poller = {
  readonly kernel: Kernel;
  readonly place: AwsPlace;
  readonly mappingId: string;
  readonly forget: () => void;
  /** A message became visible since the last look. */
  arrived: boolean;
  looking: boolean;
  wake: () => void;
};

const pollers = new WeakMap<Kernel, Map<string, Poller>>();

/** Starts to consume the mapping's queue, from the messages on that it holds already. */
export const poll = (kernel: Kernel, place: AwsPlace, mappingId: string): void => {
  const all = pollers.get(kernel) ?? new Map<string, Poller>();
  pollers.set(kernel, all);
  if (all.has(mappingId)) return;
  const { queueArn } = kernel.state(lambda, place).mappings.get(mappingId)!;
  const forget = onMessage(kernel, queueArn, () => look(poller));
  const poller: Poller = { kernel, place, mappingId, forget, arrived: false, looking: false, wake: () => {} };
  all.set(mappingId, poller);
  look(poller);
};

export const stopPolling = (kernel: Kernel, mappingId: string): void => {
  pollers.get(kernel)?.get(mappingId)?.forget();
  pollers.get(kernel)?.delete(mappingId);
};

const look = (poller: Poller): void => {
  poller.arrived = true;
  poller.wake();
  if (poller.looking) return;
  poller.looking = true;
  poller.kernel.background(`poller of ${poller.mappingId}`, async () => {
    try {
      await consume(poller);
    } finally {
      poller.looking = false;
    }
  });
};

/** Takes batch after batch until the queue is empty; several are processed at the same time. */
const consume = async (poller: Poller): Promise<void> => {
  const underWay = new Set<Promise<void>>();
  while (poller.arrived || underWay.size > 0) {
    const work = current(poller);
    if (!work) break;
    if (!poller.arrived || underWay.size >= (work.mapping.concurrency ?? defaultConcurrency)) {
      await lettingTimePass(() => Promise.race([...underWay, arrival(poller)]));
      continue;
    }
    const messages = await gather(poller, work);
    if (messages.length === 0) continue;
    const processing = processBatch(poller, work, messages);
    const tracked = processing.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }
  await lettingTimePass(() => Promise.all(underWay));
};

type Work = { readonly mapping: EventSourceMapping; readonly target: Target };

/** Mapping and function as they are now; undefined once one is gone or the mapping is off. */
const current = ({ kernel, place, mappingId }: Poller): Work | undefined => {
  const state = kernel.state(lambda, place);
  const mapping = state.mappings.get(mappingId);
  if (!mapping?.enabled || !state.functions.has(mapping.functionName)) return undefined;
  return { mapping, target: findTarget(kernel, namedBy(place, mapping.functionName, mapping.qualifier)) };
};

const arrival = (poller: Poller): Promise<void> =>
  new Promise((resolve) => {
    poller.wake = resolve;
  });

/** Receives up to a batch, and waits for more as long as the batching window is open. */
const gather = async (poller: Poller, work: Work): Promise<Message[]> => {
  const { batchSize, windowSeconds } = work.mapping;
  const { clock } = poller.kernel;
  const gathered: Message[] = [];
  let closes: number | undefined;
  while (gathered.length < batchSize) {
    poller.arrived = false;
    const received = await receive(poller, work, Math.min(10, batchSize - gathered.length));
    gathered.push(...received);
    if (received.length > 0) {
      closes ??= clock.now() + windowSeconds * 1000;
      // Whether it was empty afterwards is not known until it has been asked again.
      poller.arrived = true;
      continue;
    }
    const left = (closes ?? 0) - clock.now();
    if (left <= 0 || poller.arrived) break;
    await lettingTimePass(() => arrivalWithin(poller, left));
  }
  return gathered;
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
  const run = { event: eventOf(mapping, poller.place, messages), requestId: kernel.uuid() };
  const outcome = await runUnlessThrottled(kernel, target, run);
  const failed = outcome?.kind === 'done' ? failedItems(mapping, messages, outcome.payload) : messages;
  const done = messages.filter((message) => !failed.includes(message));
  // What failed becomes visible again by its visibility time-out.
  for (let first = 0; first < done.length; first += 10) await remove(poller, work, done.slice(first, first + 10));
  mapping.lastResult = failed.length > 0 ? 'PROBLEM: Function call failed' : 'OK';
};

/** Undefined when the function's concurrency is used up: the messages then wait for their visibility time-out. */
const runUnlessThrottled = async (
  kernel: Kernel,
  target: Target,
  run: Parameters<typeof runTarget>[2],
): Promise<Outcome | undefined> => {
  try {
    return await runTarget(kernel, target, run);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TooManyRequestsException') return undefined;
    throw error;
  }
};

const receive = async (poller: Poller, work: Work, most: number): Promise<readonly Message[]> => {
  const { Messages } = await callQueue<ReceiveMessageResult>(poller, work, 'ReceiveMessage', {
    MaxNumberOfMessages: most,
    WaitTimeSeconds: 0,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return Messages ?? [];
};

const remove = async (poller: Poller, work: Work, messages: readonly Message[]): Promise<void> => {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await callQueue(poller, work, 'DeleteMessageBatch', { Entries });
};

/** Calls SQS with the function's role. An error that lasts is the mapping's problem and comes out of `settled`. */
const callQueue = async <O>(
  poller: Poller,
  { mapping, target }: Work,
  operation: string,
  input: object,
): Promise<O> => {
  const { kernel, place } = poller;
  const [, , , , account, name] = mapping.queueArn.split(':');
  const request = { QueueUrl: `${kernel.endpoint}/${account}/${name}`, ...input };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await kernel.call<object, O>(roleSession(kernel, target), place, 'sqs', operation, request);
    } catch (error) {
      mapping.lastResult = `PROBLEM: ${(error as Error).message}`;
      if (attempt === callAttempts) throw error;
      await kernel.clock.sleep(2 ** (attempt - 1) * 1000);
    }
  }
};
