/** Consumes a queue. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
import type { Message, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { withSuspendedHolds } from '../../kernel/clock.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { parseQueueArn, queueUrl, SQS } from '../sqs/state.ts';
import {
  arrivalWithin,
  callSource,
  currentWork,
  type MappingWork,
  nextArrival,
  type Poller,
  runUnlessThrottled,
} from './polling.ts';
import { failedMessages, sqsEvent } from './sqs-event.ts';

/** Batches that Lambda processes concurrently when a queue starts to fill. */
const DEFAULT_CONCURRENCY = 5;

/** Processes several batches concurrently. */
export const consumeQueue = async (poller: Poller): Promise<void> => {
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

const gatherBatch = async (poller: Poller, work: MappingWork): Promise<Message[]> => {
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
    await arrivalWithin(poller, remainingMs);
  }
  return batch;
};

const processBatch = async (poller: Poller, work: MappingWork, messages: readonly Message[]): Promise<void> => {
  const { kernel } = poller;
  const { mapping } = work;
  const request = { event: sqsEvent(mapping, poller.place, messages), requestId: kernel.uuid() };
  const outcome = await runWhileHidden(poller, work, request);
  const failed = outcome?.kind === 'done' ? failedMessages(mapping, messages, outcome.payload) : messages;
  const done = messages.filter((message) => !failed.includes(message));
  // Failed messages become visible again after their visibility timeout.
  for (let first = 0; first < done.length; first += 10)
    await deleteMessages(poller, work, done.slice(first, first + 10));
  mapping.lastResult = failed.length > 0 ? 'PROBLEM: Function call failed' : 'OK';
};

const LONGEST_THROTTLE_PAUSE_MS = 60_000;

/**
 * Retries a throttled invocation until the messages become visible again.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-backoff-strategy
 * @returns undefined if the concurrency was used up all the time
 */
const runWhileHidden = async (
  { kernel }: Poller,
  { mapping, target }: MappingWork,
  request: Parameters<typeof runUnlessThrottled>[2],
): Promise<InvocationOutcome | undefined> => {
  const { place, name } = parseQueueArn(mapping.sourceArn)!;
  const hiddenSeconds = Number(kernel.state(SQS, place).queues.get(name)?.attributes.VisibilityTimeout ?? 0);
  const visibleAt = kernel.clock.now() + hiddenSeconds * 1000;
  for (let pauseMs = 1000; ; pauseMs = Math.min(pauseMs * 2, LONGEST_THROTTLE_PAUSE_MS)) {
    const outcome = await runUnlessThrottled(kernel, target, request);
    if (outcome || kernel.clock.now() + pauseMs >= visibleAt) return outcome;
    await kernel.clock.sleep(pauseMs);
  }
};

const receive = async (poller: Poller, work: MappingWork, max: number): Promise<readonly Message[]> => {
  const { Messages } = await callQueue<ReceiveMessageResult>(poller, work, 'ReceiveMessage', {
    MaxNumberOfMessages: max,
    WaitTimeSeconds: 0,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return Messages ?? [];
};

const deleteMessages = async (poller: Poller, work: MappingWork, messages: readonly Message[]): Promise<void> => {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await callQueue(poller, work, 'DeleteMessageBatch', { Entries });
};

const callQueue = <O>(poller: Poller, work: MappingWork, operation: string, more: object): Promise<O> => {
  const input = { QueueUrl: queueUrl(poller.kernel, parseQueueArn(work.mapping.sourceArn)!), ...more };
  return callSource<O>(poller, work, { service: 'sqs', operation, input });
};
