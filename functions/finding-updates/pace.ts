/**
 * The pace of calls to Security Hub: below its quota, and slower while another client uses it too. A function instance
 * keeps one pace over its invocations.
 */

/** Nine calls a second; Security Hub takes ten. */
const MIN_GAP_MS = 111;
const MAX_GAP_MS = 4000;

export type Pace = {
  /** Waits until the next call may be made. */
  turn(): Promise<unknown>;
  /** Security Hub accepted the call: the next ones may come a little sooner. */
  taken(): void;
  /** Security Hub throttled the call: the next ones come later. */
  throttled(): void;
};

export function createPace(sleep: (ms: number) => Promise<unknown>, now: () => number, random = Math.random): Pace {
  let gap = MIN_GAP_MS;
  let next = 0;
  return {
    turn() {
      const wait = Math.max(0, next - now());
      next = now() + wait + gap;
      return sleep(wait);
    },
    taken() {
      gap = Math.max(MIN_GAP_MS, gap * 0.9);
    },
    throttled() {
      gap = Math.min(MAX_GAP_MS, gap * 2);
      next = now() + gap * (0.5 + random() / 2);
    },
  };
}
