/**
 * Consumes the sources of event source mappings. A poller sleeps while its source has nothing, so that it does not hold
 * a virtual clock.
 */
import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { onStreamRecord } from '../dynamodbstreams/records.ts';
import { onVisibleMessage } from '../sqs/arrivals.ts';
import { currentWork, type Poller } from './polling.ts';
import { consumeQueue } from './queue-source.ts';
import { LAMBDA } from './state.ts';
import { consumeStream } from './stream-source.ts';

const pollers = new WeakMap<Kernel, Map<string, Poller>>();

export const startPolling = (kernel: Kernel, place: AwsPlace, mappingId: string): void => {
  const all = pollers.get(kernel) ?? new Map<string, Poller>();
  pollers.set(kernel, all);
  if (all.has(mappingId)) return;
  const { sourceArn, stream } = kernel.state(LAMBDA, place).mappings.get(mappingId)!;
  const listen = stream ? onStreamRecord : onVisibleMessage;
  const stopListening = listen(kernel, sourceArn, () => wakePoller(poller));
  const poller: Poller = {
    kernel,
    place,
    mappingId,
    consume: stream ? consumeStream : consumeQueue,
    stopListening,
    hasArrivals: false,
    isStopped: false,
    isConsuming: false,
    wake: () => {},
  };
  all.set(mappingId, poller);
  wakePoller(poller);
};

export const stopPolling = (kernel: Kernel, mappingId: string): void => {
  const poller = pollers.get(kernel)?.get(mappingId);
  if (!poller) return;
  poller.stopListening();
  poller.isStopped = true;
  pollers.get(kernel)!.delete(mappingId);
};

const wakePoller = (poller: Poller): void => {
  poller.hasArrivals = true;
  poller.wake();
  if (poller.isConsuming) return;
  poller.isConsuming = true;
  poller.kernel.background(`poller of ${poller.mappingId}`, async () => {
    try {
      // An arrival may fall between the end of the work and this check.
      do await poller.consume(poller);
      while (poller.hasArrivals && currentWork(poller));
    } finally {
      poller.isConsuming = false;
    }
  });
};
