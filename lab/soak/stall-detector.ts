import type { Kernel } from '../../sandbox/kernel/kernel.ts';

const CHECK_INTERVAL_MS = 30_000;
/** Counted instead of measured as time, because a suspended machine misses checks. */
const MAX_IDLE_CHECKS = 10;

/**
 * Does the work, and abandons it if the sandbox makes no calls and its clock does not advance.
 * @throws Error after five minutes without progress
 */
export async function failOnStall<T>(
  { clock, calls }: Pick<Kernel, 'clock' | 'calls'>,
  work: () => Promise<T>,
): Promise<T> {
  const { promise: stall, reject } = Promise.withResolvers<never>();
  let last = '';
  let idleChecks = 0;
  const timer = setInterval(() => {
    const now = `${new Date(clock.now()).toISOString()}, after ${calls.length} ${calls.length === 1 ? 'call' : 'calls'}`;
    idleChecks = now === last ? idleChecks + 1 : 0;
    last = now;
    if (idleChecks >= MAX_IDLE_CHECKS) reject(stallError(now, calls));
  }, CHECK_INTERVAL_MS);
  try {
    return await Promise.race([work(), stall]);
  } finally {
    clearInterval(timer);
  }
}

function stallError(now: string, calls: Kernel['calls']): Error {
  const last = calls.at(-1);
  const call = last ? `; the last one was ${last.service} ${last.operation}` : '';
  return new Error(
    `The sandbox stopped making progress at ${now}${call}. This is a defect of the sandbox, not of Suture: ` +
      'report it with this line, and run the same command again.',
  );
}
