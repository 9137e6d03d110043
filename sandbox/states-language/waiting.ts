/**
 * How the threads of an execution wait. While any of them computes, the clock is held; while all wait, it is not.
 */
import type { Clock } from '../kernel/clock.ts';
import { Aborted } from './errors.ts';

/** Counts the threads that compute and holds the clock while there are any. */
export class Wakefulness {
  readonly #clock: Clock;
  #awake = 0;
  #hold: { release(): void } | null = null;

  constructor(clock: Clock) {
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

/** What ends together: a whole execution, or the threads of one Parallel or Map state. */
export class Scope {
  readonly wakefulness: Wakefulness;
  over = false;
  readonly #waiting = new Set<() => void>();

  constructor(wakefulness: Wakefulness) {
    this.wakefulness = wakefulness;
  }

  /** A scope that ends with this one, or earlier. */
  inner(): Scope {
    const inner = new Scope(this.wakefulness);
    inner.over = this.over;
    this.#waiting.add(() => inner.end());
    return inner;
  }

  /** Interrupts everything that waits in this scope. */
  end(): void {
    this.over = true;
    for (const interrupt of [...this.#waiting]) interrupt();
    this.#waiting.clear();
  }

  /**
   * The calling thread rests until `begin` settles, or until the scope ends, which rejects with Aborted.
   * `begin` answers what to do once the wait is over, such as cancelling timers.
   */
  suspend<T>(begin: (settle: Settle<T>) => () => void): Promise<T> {
    if (this.over) return Promise.reject(new Aborted());
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
      const interrupt = () => settle(() => reject(new Aborted()));
      this.#waiting.add(interrupt);
      cleanUp = begin({
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      if (!waits) cleanUp();
      this.wakefulness.rest();
    });
  }

  pause(clock: Clock, milliseconds: number): Promise<void> {
    return this.suspend((settle) => {
      const timer = clock.after(milliseconds, () => settle.resolve());
      return () => timer.cancel();
    });
  }
}

export type Settle<T> = { resolve(value: T): void; reject(error: unknown): void };
