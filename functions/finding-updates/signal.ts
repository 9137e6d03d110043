/** Wakes all current waiters. A later waiter misses the signal, so it must check its condition before it waits. */
export type Signal = { notify(): void; next(): Promise<void> };

export function createSignal(): Signal {
  let turn = Promise.withResolvers<void>();
  return {
    next: () => turn.promise,
    notify() {
      turn.resolve();
      turn = Promise.withResolvers<void>();
    },
  };
}
