/** Processes items one after the other: below a quota, with progress, and interruptible between two items. */
import { Interrupted } from '../errors/interrupted.ts';
import type { Operator } from './operator.ts';

const PROGRESS_INTERVAL_MS = 2_000;

export type ItemPace = {
  readonly perSecond: number;
  /** For the progress line, such as `redriven`. */
  readonly participle: string;
  readonly total?: number;
};

/**
 * Returns the count. Slow items are not delayed further.
 * @throws Interrupted on Ctrl-C
 */
export async function forEachPaced<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { now, sleep, progress, signal }: Pick<Operator, 'now' | 'sleep' | 'progress' | 'signal'>,
  { perSecond, participle, total }: ItemPace,
  work: (item: T) => Promise<unknown>,
): Promise<number> {
  let count = 0;
  let lastProgress = now();
  for await (const item of items) {
    if (signal?.aborted) throw interrupted(count, participle);
    const start = now();
    await work(item);
    count += 1;
    if (now() - lastProgress >= PROGRESS_INTERVAL_MS) {
      progress(`${count}${total === undefined ? '' : ` of ${total}`} ${participle}`);
      lastProgress = now();
    }
    const restMs = 1000 / perSecond - (now() - start);
    if (restMs > 0) await sleep(restMs);
  }
  return count;
}

const interrupted = (count: number, participle: string) =>
  new Interrupted(`Interrupted: ${count} ${participle}. Run the same command again to continue with the rest.`);
