/** Lets an execution's threads wait. The clock is held while any of them computes. */
import type { SandboxClock } from '../kernel/clock.ts';
import { AbortedError } from './errors.ts';

export class ThreadClockHold {
  readonly #clock: SandboxClock;
  #awake = 0;
  #hold: { release(): void } | null = null;

  constructor(clock: SandboxClock) {
    this.#clock = clock;
  }

  wake(): void {
    if (this.#awake++ === 0) this.#hold = this.#clock.hold();
  }

  rest(): void {
    if (--this.#awake > 0) return;
    this.#hold?.release();
    this.#hold = null;
  }
}

/** Threads that end together: a whole execution, or those of one Parallel or Map state. */
export class ThreadScope {
  readonly wakefulness: ThreadClockHold;
  over = false;
  readonly #waiting = new Set<() => void>();

  constructor(wakefulness: ThreadClockHold) {
    this.wakefulness = wakefulness;
  }

  inner(): ThreadScope {
    const inner = new ThreadScope(this.wakefulness);
    inner.over = this.over;
    this.#waiting.add(() => inner.end());
    return inner;
  }

  end(): void {
    this.over = true;
    for (const interrupt of [...this.#waiting]) interrupt();
    this.#waiting.clear();
  }

  /**
   * Suspends the calling thread until `begin` settles, or until the scope ends, which rejects with AbortedError.
   * @param begin returns a clean-up to run after the wait, such as cancelling timers
   */
  suspend<T>(begin: (settle: WaitEnd<T>) => () => void): Promise<T> {
    if (this.over) return Promise.reject(new AbortedError());
    return new Promise<T>((resolve, reject) => {
      let waits = true;
      let cleanUp = () => {};
      const settle = (outcome: () => void) => {
        if (!waits) return;
        waits = false;
        this.#waiting.delete(interrupt);
        cleanUp();
        this.wakefulness.wake();
        outcome();
      };
      const interrupt = () => settle(() => reject(new AbortedError()));
      this.#waiting.add(interrupt);
      cleanUp = begin({
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      if (!waits) cleanUp();
      this.wakefulness.rest();
    });
  }

  pause(clock: SandboxClock, milliseconds: number): Promise<void> {
    return this.suspend((settle) => {
      const timer = clock.after(milliseconds, () => settle.resolve());
      return () => timer.cancel();
    });
  }
}

export type WaitEnd<T> = { resolve(value: T): void; reject(error: unknown): void };
