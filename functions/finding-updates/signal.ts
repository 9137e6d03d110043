/** Wakes who waits for something to change. Who is not waiting at that moment misses it, and so looks before it waits. */
export type Signal = { tell(): void; next(): Promise<void> };

export function signal(): Signal {
  let turn = Promise.withResolvers<void>();
  return {
    next: () => turn.promise,
    tell() {
      turn.resolve();
      turn = Promise.withResolvers<void>();
    },
  };
}
