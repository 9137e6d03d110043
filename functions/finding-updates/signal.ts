/** Wakes all current waiters. A waiter that comes later misses the signal, and so must look before it waits. */
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
