/** Lets an execution's threads wait. */
import type { SandboxClock } from '../kernel/clock.ts';
import { AbortedError } from './errors.ts';

/** Holds the clock while at least one thread of an execution computes. */
export class ThreadClockHold {
  readonly #clock: SandboxClock;
  #computing = 0;
  #hold: { release(): void } | null = null;

  constructor(clock: SandboxClock) {
    this.#clock = clock;
  }

  acquire(): void {
    if (this.#computing++ === 0) this.#hold = this.#clock.hold();
  }

  release(): void {
    if (--this.#computing > 0) return;
    this.#hold?.release();
    this.#hold = null;
  }
}

/** Threads that end together: a whole execution, or those of one Parallel or Map state. */
export class ThreadScope {
  readonly clockHold: ThreadClockHold;
  over = false;
  readonly #waiting = new Set<() => void>();

  constructor(clockHold: ThreadClockHold) {
    this.clockHold = clockHold;
  }

  inner(): ThreadScope {
    const inner = new ThreadScope(this.clockHold);
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
      let isWaiting = true;
      let cleanUp = () => {};
      const settle = (outcome: () => void) => {
        if (!isWaiting) return;
        isWaiting = false;
        this.#waiting.delete(interrupt);
        cleanUp();
        this.clockHold.acquire();
        outcome();
      };
      const interrupt = () => settle(() => reject(new AbortedError()));
      this.#waiting.add(interrupt);
      cleanUp = begin({
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      if (!isWaiting) cleanUp();
      this.clockHold.release();
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
