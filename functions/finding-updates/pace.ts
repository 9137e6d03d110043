/**
 * How fast Security Hub is called: below its quota, and slower while somebody else uses it too. One for an instance, so that
 * what an invocation has learned serves the next.
 */

/** Two instances that make one call each in this time make 8 a second, where Security Hub takes 10. Milliseconds. */
const QUICKEST = 250;
const SLOWEST = 4000;

export type Pace = {
  /** Waits after a call that was taken; the next gap is a little shorter again. */
  taken(): Promise<unknown>;
  /** Waits after a call that was throttled, twice as long as before, with jitter. */
  throttled(): Promise<unknown>;
};

export function createPace(sleep: (milliseconds: number) => Promise<unknown>, random = Math.random): Pace {
  let gap = QUICKEST;
  return {
    taken() {
      gap = Math.max(QUICKEST, gap * 0.8);
      return sleep(gap);
    },
    throttled() {
      gap = Math.min(SLOWEST, gap * 2);
      return sleep(gap * (0.5 + random() / 2));
    },
  };
}
