/** Processes items one after the other, below a quota and with progress. Ctrl-C interrupts between two items. */
import { Interrupted } from '../errors/interrupted.ts';
import { runningCount } from '../output/running-count.ts';
import type { Operator } from './operator.ts';

export const PROGRESS_INTERVAL_MS = 2_000;

export type ItemPace = {
  readonly perSecond: number;
  /** Follows the count in the progress line, such as `redriven`. */
  readonly doneText: string;
  readonly total?: number;
};

/**
 * Returns the count. Does not pause after an item that took longer than its share of a second.
 * @throws Interrupted on Ctrl-C
 */
export async function forEachPaced<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { now, sleep, progress, signal }: Pick<Operator, 'now' | 'sleep' | 'progress' | 'signal'>,
  { perSecond, doneText, total }: ItemPace,
  work: (item: T) => Promise<unknown>,
): Promise<number> {
  let count = 0;
  let lastProgress = now();
  const progressed = runningCount(progress);
  const text = () => `${count}${total === undefined ? '' : ` of ${total}`} ${doneText}`;
  for await (const item of items) {
    if (signal?.aborted) throw interrupted(count, doneText);
    const start = now();
    await work(item);
    count += 1;
    if (now() - lastProgress >= PROGRESS_INTERVAL_MS) {
      progressed.show(text());
      lastProgress = now();
    }
    const restMs = 1000 / perSecond - (now() - start);
    if (restMs > 0) await sleep(restMs);
  }
  progressed.end(text());
  return count;
}

const interrupted = (count: number, doneText: string) =>
  new Interrupted(`Interrupted: ${count} ${doneText}. Run the same command again to continue with the rest.`);
