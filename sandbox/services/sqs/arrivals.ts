/**
 * Tells those who wait for messages that some became visible. What is here is not part of the service's state:
 * listeners, waiting calls and timers belong to the running sandbox.
 */
import { apartFromHolds, type Timer } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Queue } from './state.ts';

type Watch = {
  readonly listeners: Set<() => void>;
  readonly waiting: Set<() => void>;
  /** The one timer of a queue: to the next moment at which a hidden message becomes visible. */
  next?: { readonly due: number; readonly timer: Timer; readonly fire: () => void };
};

const watches = new WeakMap<Kernel, Map<string, Watch>>();

/**
 * Calls `listener` whenever a message of the queue becomes visible: at its arrival, when its delay or its visibility
 * time-out is over. While someone listens, the virtual clock moves on to such a moment by itself.
 * @returns a function that ends it
 */
export function onMessage(kernel: Kernel, queueArn: string, listener: () => void): () => void {
  const watch = watchOf(kernel, queueArn);
  watch.listeners.add(listener);
  if (watch.next) setTimer(kernel, watch, watch.next.due, watch.next.fire);
  return () => {
    watch.listeners.delete(listener);
  };
}

/** Resolves when a message becomes visible, or after `ms` of the sandbox's clock. */
export function waitForMessage(kernel: Kernel, queueArn: string, ms: number): Promise<void> {
  const watch = watchOf(kernel, queueArn);
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      watch.waiting.delete(done);
      resolve();
    };
    const timer = kernel.clock.after(ms, done);
    watch.waiting.add(done);
  });
}

/** Moves messages whose time has come to those that can be received, and tells who waits for them. */
export function surface(kernel: Kernel, queue: Queue): void {
  const now = kernel.clock.now();
  let arrived = false;
  for (const message of [...queue.hidden.values()].sort((a, b) => a.visibleAt - b.visibleAt)) {
    if (message.visibleAt > now) break;
    queue.hidden.delete(message.id);
    queue.ready.set(message.id, message);
    arrived = true;
  }
  if (arrived) announce(kernel, queue);
  arm(kernel, queue);
}

export function announce(kernel: Kernel, queue: Queue): void {
  const watch = watchOf(kernel, queue.arn);
  for (const listener of [...watch.listeners, ...watch.waiting]) apartFromHolds(listener);
}

/** Keeps the queue's timer at the moment its next hidden message becomes visible. */
export function arm(kernel: Kernel, queue: Queue): void {
  const watch = watchOf(kernel, queue.arn);
  let due = Number.POSITIVE_INFINITY;
  for (const message of queue.hidden.values()) due = Math.min(due, message.visibleAt);
  if (watch.next?.due === due) return;
  watch.next?.timer.cancel();
  watch.next = undefined;
  if (due === Number.POSITIVE_INFINITY) return;
  setTimer(kernel, watch, due, () => {
    watch.next = undefined;
    surface(kernel, queue);
  });
}

/** Nobody sees an unwatched queue change: only for listeners does the timer move the clock by itself. */
function setTimer(kernel: Kernel, watch: Watch, due: number, fire: () => void): void {
  watch.next?.timer.cancel();
  const wait = Math.max(0, due - kernel.clock.now());
  watch.next = { due, fire, timer: kernel.clock.after(wait, fire, { daemon: watch.listeners.size === 0 }) };
}

function watchOf(kernel: Kernel, queueArn: string): Watch {
  const all = watches.get(kernel) ?? new Map<string, Watch>();
  watches.set(kernel, all);
  const watch = all.get(queueArn) ?? { listeners: new Set(), waiting: new Set() };
  all.set(queueArn, watch);
  return watch;
}
