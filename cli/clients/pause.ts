import type { Operator } from './operator.ts';

/** Sleeps, unless Ctrl-C comes first. Returns false from then on. */
export async function pause({ sleep, signal }: Pick<Operator, 'sleep' | 'signal'>, ms: number): Promise<boolean> {
  if (signal?.aborted) return false;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  signal?.addEventListener('abort', () => resolve(), { once: true });
  await Promise.race([sleep(ms, undefined, { signal }).catch(ignoreAbort), aborted]);
  return !signal?.aborted;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
