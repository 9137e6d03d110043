import type { Operator } from './operator.ts';

/** Sleeps until the time is over or Ctrl-C comes. Returns false after Ctrl-C. */
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
