/** A sandbox in which nothing happens any more is told of, not waited for. */
import type { Kernel } from '../../sandbox/kernel/kernel.ts';

/** Real milliseconds between two looks. */
const LOOK = 30_000;
/** Looks that must find the same. They are counted, for a machine that slept finds the same once. */
const LOOKS = 10;

/**
 * Does the work while somebody looks whether the sandbox's time goes on or calls are made.
 * @throws Error when neither was so for five minutes; the work is left to itself then
 */
export async function watched<T>(
  { clock, calls }: Pick<Kernel, 'clock' | 'calls'>,
  work: () => Promise<T>,
): Promise<T> {
  const { promise: standstill, reject } = Promise.withResolvers<never>();
  let seen = '';
  let same = 0;
  const timer = setInterval(() => {
    const now = `${new Date(clock.now()).toISOString()}, after ${calls.length} calls`;
    same = now === seen ? same + 1 : 0;
    seen = now;
    if (same < LOOKS) return;
    const last = calls.at(-1);
    const call = last ? `; the last one was ${last.service} ${last.operation}` : '';
    reject(
      new Error(
        `The sandbox stands still at ${now}${call}. That is a fault of the sandbox, not of what is soaked: ` +
          'report it with this line, and run the same command again.',
      ),
    );
  }, LOOK);
  try {
    return await Promise.race([work(), standstill]);
  } finally {
    clearInterval(timer);
  }
}
