/**
 * How fast Security Hub is called: below its quota, and slower while somebody else uses it too. One for an instance, so that
 * what an invocation has learned serves the next.
 */

/** Milliseconds from call to call: nine a second, where Security Hub takes 10. */
const QUICKEST = 111;
const SLOWEST = 4000;

export type Pace = {
  /** Waits until the next call may be made, counted from the last one. */
  turn(): Promise<unknown>;
  /** The call was taken: the next gap is a little shorter again. */
  taken(): void;
  /** The call was throttled: the next gap is twice as long, with jitter. */
  throttled(): void;
};

export function createPace(
  sleep: (milliseconds: number) => Promise<unknown>,
  now: () => number,
  random = Math.random,
): Pace {
  let gap = QUICKEST;
  let next = 0;
  return {
    turn() {
      const wait = Math.max(0, next - now());
      next = now() + wait + gap;
      return sleep(wait);
    },
    taken() {
      gap = Math.max(QUICKEST, gap * 0.9);
    },
    throttled() {
      gap = Math.min(SLOWEST, gap * 2);
      next = now() + gap * (0.5 + random() / 2);
    },
  };
}
