import type { SandboxClock } from '../../sandbox/kernel/clock.ts';

export type IncidentEnd = {
  /** Whether the cause is gone, so that the alarms are OK again. */
  readonly isOver: () => Promise<boolean> | boolean;
  /** Does what the article says. */
  readonly mend: () => Promise<unknown>;
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/**
 * After some time, as an alarm is OK again when its metric has no more datapoints. The time begins when the clock
 * follows real time, or with `mend`.
 */
export function passed(clock: SandboxClock, ms: number) {
  let until: number | undefined;
  return {
    isOver() {
      if (!clock.virtual) until ??= clock.now() + ms;
      return until !== undefined && clock.now() >= until;
    },
    mend() {
      until ??= clock.now() + ms;
      return clock.advance(ms);
    },
  } satisfies IncidentEnd;
}

/** An incident that ends when all of its causes have ended. They are mended in this order. */
export const allOver = (...ends: readonly IncidentEnd[]): IncidentEnd => ({
  isOver: async () => (await Promise.all(ends.map(({ isOver }) => isOver()))).every(Boolean),
  async mend() {
    for (const { mend } of ends) await mend();
  },
});
