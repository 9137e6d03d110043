/** Many things one after the other: below a quota, with progress, and to be stopped between two. */
import { Failure } from '../errors/failure.ts';
import type { Operator } from './operator.ts';

/** Milliseconds between two lines of progress. */
const TELL = 2_000;

export type Pace = {
  /** Things a second, at most. */
  readonly perSecond: number;
  /** What is done, for the line of progress: `redriven or started`. */
  readonly doing: string;
  readonly total?: number;
};

/** Deals with each thing; what comes slowly by itself is not slowed down. @throws Failure when Ctrl-C comes in between */
export async function paced<T>(
  things: Iterable<T> | AsyncIterable<T>,
  { now, sleep, progress, signal }: Pick<Operator, 'now' | 'sleep' | 'progress' | 'signal'>,
  { perSecond, doing, total }: Pace,
  work: (thing: T) => Promise<unknown>,
): Promise<number> {
  let count = 0;
  let toldAt = now();
  for await (const thing of things) {
    if (signal?.aborted) throw interrupted(count, doing);
    const begun = now();
    await work(thing);
    count += 1;
    if (now() - toldAt >= TELL) {
      progress(`${count}${total === undefined ? '' : ` of ${total}`} ${doing}`);
      toldAt = now();
    }
    const left = 1000 / perSecond - (now() - begun);
    if (left > 0) await sleep(left);
  }
  return count;
}

const interrupted = (count: number, doing: string) =>
  new Failure(`Interrupted: ${count} ${doing}. Run the same command again; it goes on where it stopped.`);
