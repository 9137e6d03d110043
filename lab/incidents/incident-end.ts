import type { SandboxClock } from '../../sandbox/kernel/clock.ts';

export type IncidentEnd = {
  /** Whether the cause is gone, so that the alarms are OK again. */
  readonly isOver: () => Promise<boolean> | boolean;
  /** Does what the article says. */
  readonly mend: () => Promise<unknown>;
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** After some time of the sandbox's clock, as an alarm is OK again when its metric has no more datapoints. */
export function passed(clock: SandboxClock, ms: number) {
  const until = clock.now() + ms;
  return { isOver: () => clock.now() >= until, mend: () => clock.advance(until - clock.now()) } satisfies IncidentEnd;
}

/** An incident that ends when all of its causes have ended. They are mended in this order. */
export const allOver = (...ends: readonly IncidentEnd[]): IncidentEnd => ({
  isOver: async () => (await Promise.all(ends.map(({ isOver }) => isOver()))).every(Boolean),
  async mend() {
    for (const { mend } of ends) await mend();
  },
});
