import type { SandboxClock } from '../../sandbox/kernel/clock.ts';

export type IncidentEnd = {
  /** Returns true if the cause is gone, so that the alarms are OK again. */
  readonly isOver: () => Promise<boolean> | boolean;
  /** Follows the article of the runbook. */
  readonly resolve: () => Promise<unknown>;
};

export const MINUTE_MS = 60_000;

/**
 * Returns an end by time: an alarm is OK again when its metric has no more datapoints. The time begins when the clock
 * follows real time, or with `resolve`.
 */
export function endsAfter(clock: SandboxClock, ms: number) {
  let until: number | undefined;
  return {
    isOver() {
      if (!clock.virtual) until ??= clock.now() + ms;
      return until !== undefined && clock.now() >= until;
    },
    resolve() {
      until ??= clock.now() + ms;
      return clock.advance(ms);
    },
  } satisfies IncidentEnd;
}

/** Returns an end that comes when all of these have come. `resolve` takes them in this order. */
export const allEnds = (...ends: readonly IncidentEnd[]): IncidentEnd => ({
  isOver: async () => (await Promise.all(ends.map(({ isOver }) => isOver()))).every(Boolean),
  async resolve() {
    for (const { resolve } of ends) await resolve();
  },
});
