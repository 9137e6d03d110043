/**
 * One clock for the whole sandbox: real, or virtual.
 * A virtual clock stands still while any work is under way, and jumps to the next timer when nothing is.
 */
export type Timer = { cancel(): void };

export type Clock = {
  readonly virtual: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `fire` after `ms`. A `daemon` timer (schedules, task time-outs) neither moves a virtual clock by itself nor keeps `settled` waiting. */
  after(ms: number, fire: () => void, options?: { daemon?: boolean }): Timer;
  sleep(ms: number): Promise<void>;
  /** Holds a virtual clock still until `release` is called. */
  hold(): { release(): void };
  /** Holds while `work` runs. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Moves a virtual clock forward by `ms`, firing what falls due on the way, daemons too. */
  advance(ms: number): Promise<void>;
  /** Resolves when nothing is under way and no timer but daemons is left. */
  settled(): Promise<void>;
  close(): void;
};
