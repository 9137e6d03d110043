/**
 * Notifies listeners and waiting calls when messages become visible. They and the timers belong to the running sandbox,
 * not to the service's state.
 */
import { type Timer, withoutHolds } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Queue } from './state.ts';

type Watch = {
  readonly listeners: Set<() => void>;
  readonly waitingCalls: Set<() => void>;
  /** The queue's only timer: fires when the next hidden message becomes visible. */
  next?: { readonly dueAt: number; readonly timer: Timer; readonly fire: () => void };
};

const watches = new WeakMap<Kernel, Map<string, Watch>>();

/**
 * Calls `listener` whenever a message becomes visible: at its arrival, or when its delay or visibility timeout ends.
 * While a queue has a listener, a virtual clock moves to such a moment by itself.
 * @returns a function that removes the listener
 */
export function onVisibleMessage(kernel: Kernel, queueArn: string, listener: () => void): () => void {
  const watch = watchOf(kernel, queueArn);
  watch.listeners.add(listener);
  if (watch.next) setTimer(kernel, watch, watch.next.dueAt, watch.next.fire);
  return () => {
    watch.listeners.delete(listener);
  };
}

export function waitForMessage(kernel: Kernel, queueArn: string, ms: number): Promise<void> {
  const watch = watchOf(kernel, queueArn);
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      watch.waitingCalls.delete(done);
      resolve();
    };
    const timer = kernel.clock.after(ms, done);
    watch.waitingCalls.add(done);
  });
}

export function revealDueMessages(kernel: Kernel, queue: Queue): void {
  const now = kernel.clock.now();
  let hasArrivals = false;
  for (const message of [...queue.hidden.values()].sort((a, b) => a.visibleAt - b.visibleAt)) {
    if (message.visibleAt > now) break;
    queue.hidden.delete(message.id);
    queue.ready.set(message.id, message);
    hasArrivals = true;
  }
  if (hasArrivals) announceArrival(kernel, queue);
  armTimer(kernel, queue);
}

export function announceArrival(kernel: Kernel, queue: Queue): void {
  const watch = watchOf(kernel, queue.arn);
  for (const listener of [...watch.listeners, ...watch.waitingCalls]) withoutHolds(listener);
}

export function armTimer(kernel: Kernel, queue: Queue): void {
  const watch = watchOf(kernel, queue.arn);
  let dueAt = Number.POSITIVE_INFINITY;
  for (const message of queue.hidden.values()) dueAt = Math.min(dueAt, message.visibleAt);
  if (watch.next?.dueAt === dueAt) return;
  watch.next?.timer.cancel();
  watch.next = undefined;
  if (dueAt === Number.POSITIVE_INFINITY) return;
  setTimer(kernel, watch, dueAt, () => {
    watch.next = undefined;
    revealDueMessages(kernel, queue);
  });
}

/** The timer moves a virtual clock only if the queue has listeners: nobody notices a change of other queues. */
function setTimer(kernel: Kernel, watch: Watch, dueAt: number, fire: () => void): void {
  watch.next?.timer.cancel();
  const waitMs = Math.max(0, dueAt - kernel.clock.now());
  watch.next = { dueAt, fire, timer: kernel.clock.after(waitMs, fire, { daemon: watch.listeners.size === 0 }) };
}

function watchOf(kernel: Kernel, queueArn: string): Watch {
  const all = watches.get(kernel) ?? new Map<string, Watch>();
  watches.set(kernel, all);
  const watch = all.get(queueArn) ?? { listeners: new Set(), waitingCalls: new Set() };
  all.set(queueArn, watch);
  return watch;
}
