/**
 * One clock for the whole sandbox, real or virtual. A virtual clock stops while any work is in progress, and otherwise
 * jumps to the next timer, until it follows real time.
 */
import { type QueuedTimer, TimerQueue } from './timer-queue.ts';
import { type Hold, WorkMonitor, withoutHolds, withSuspendedHolds } from './work-monitor.ts';

export { withoutHolds, withSuspendedHolds } from './work-monitor.ts';

export type Timer = { cancel(): void };

export type SandboxClock = {
  readonly virtual: boolean;
  /** The time of a virtual clock, which function instances read from their threads. */
  readonly cell?: SharedArrayBuffer;
  now(): number;
  /** A `daemon` timer (schedules, task timeouts) neither moves a virtual clock by itself nor delays `settled`. */
  after(ms: number, fire: () => void, options?: { daemon?: boolean }): Timer;
  /** Suspends the holds of the surrounding `during`s while it waits. */
  sleep(ms: number): Promise<void>;
  /** Sleeps. A real clock inside `at` is set forward instead, so that work in the past takes no real time. */
  pass(ms: number): Promise<void>;
  /** Stops a virtual clock until `release` is called. */
  hold(): Hold;
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Moves a virtual clock forward, firing all due timers on the way, daemons too. */
  advance(ms: number): Promise<void>;
  /**
   * Sets the clock to `time` while `work` runs, to create old resources; one such call at a time. Meanwhile a virtual
   * clock fires no timer.
   */
  at<T>(time: number, work: () => Promise<T>): Promise<T>;
  /** Sets a virtual clock to `time` and drops its timers, when the services are reset to their state of that time. */
  reset(time: number): void;
  /** Resolves when no work is in progress and only daemon timers are left. */
  settled(): Promise<void>;
  /**
   * Moves a virtual clock to the present, as `advance` does, and lets it follow real time from then on. It is no longer
   * virtual then. Functions read its time every few milliseconds.
   * @throws Error if the clock is ahead of real time
   */
  followRealTime(): Promise<void>;
  close(): void;
};

export const createClock = ({ virtual, start = Date.now() }: { virtual: boolean; start?: number }): SandboxClock =>
  virtual ? new VirtualClock(start) : new RealClock();

const TICK_MS = 5;
const SECOND_MS = 1000;
const NOT_ADVANCED = 'Only a virtual clock can be advanced.';

class VirtualClock implements SandboxClock {
  readonly cell = new SharedArrayBuffer(8);
  readonly #time = new BigInt64Array(this.cell);
  readonly #timers = new TimerQueue();
  readonly #work = new WorkMonitor({
    pending: () => this.#timers.pending > 0,
    fireNext: () => {
      if (this.virtual) this.#fireNext();
    },
    drop: () => this.#timers.clear(),
  });
  #added = 0;
  #ticks: NodeJS.Timeout | undefined;
  #offsetMs = 0;

  constructor(start: number) {
    this.#set(start);
  }

  get virtual(): boolean {
    return this.#ticks === undefined;
  }

  now(): number {
    return Number(Atomics.load(this.#time, 0));
  }

  after(ms: number, fire: () => void, { daemon = false } = {}): Timer {
    return this.#add({ at: this.now() + wholeMs(ms), fire, daemon, order: this.#added++ });
  }

  sleep(ms: number): Promise<void> {
    return withSuspendedHolds(() => new Promise((resolve) => void this.after(ms, resolve)));
  }

  async pass(ms: number): Promise<void> {
    if (this.#offsetMs === 0) return this.sleep(ms);
    this.#offsetMs += ms;
    this.#tick();
  }

  advance(ms: number): Promise<void> {
    if (!this.virtual) return Promise.reject(new Error(NOT_ADVANCED));
    // The last timer of its moment: work that the others start has ended when `advance` resolves.
    const order = Number.POSITIVE_INFINITY;
    return new Promise((fire) => this.#add({ at: this.now() + wholeMs(ms), fire, daemon: false, order }));
  }

  async at<T>(time: number, work: () => Promise<T>): Promise<T> {
    if (!this.virtual) return this.#atOffset(time - Date.now(), work);
    const hold = this.hold();
    const before = this.now();
    this.#set(time);
    try {
      return await work();
    } finally {
      this.#set(before);
      hold.release();
    }
  }

  async #atOffset<T>(offsetMs: number, work: () => Promise<T>): Promise<T> {
    this.#offsetMs = offsetMs;
    this.#tick();
    try {
      return await work();
    } finally {
      this.#offsetMs = 0;
      this.#tick();
    }
  }

  async followRealTime(): Promise<void> {
    const ahead = this.now() - Date.now();
    if (ahead > 0) throw new Error(`The clock is ${Math.ceil(ahead / 1000)} s ahead of real time.`);
    // Work on the way takes real time too.
    while (Date.now() - this.now() > SECOND_MS) await this.advance(Date.now() - this.now());
    this.#ticks = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  reset(time: number): void {
    this.#timers.clear();
    this.#set(time);
    this.#work.changed();
  }

  hold(): Hold {
    return this.#work.hold();
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    return this.#work.during(work);
  }

  settled(): Promise<void> {
    return this.#work.settled();
  }

  close(): void {
    clearInterval(this.#ticks);
    this.#work.close();
  }

  /** Work in the past or the future fires no timer. */
  #tick(): void {
    this.#set(Date.now() + this.#offsetMs);
    if (this.#offsetMs !== 0) return;
    for (let due = this.#timers.first(); due && due.at <= this.now(); due = this.#timers.first()) this.#fireNext();
  }

  #set(ms: number): void {
    Atomics.store(this.#time, 0, BigInt(Math.floor(ms)));
  }

  #add(timer: QueuedTimer): Timer {
    if (this.#work.isClosed) return { cancel: () => {} };
    this.#timers.add(timer);
    this.#work.changed();
    return {
      cancel: () => {
        if (this.#timers.remove(timer)) this.#work.changed();
      },
    };
  }

  #fireNext(): void {
    const due = this.#timers.first()!;
    this.#set(Math.max(this.now(), due.at));
    this.#timers.remove(due);
    this.#work.changed();
    withoutHolds(due.fire);
  }
}

class RealClock implements SandboxClock {
  readonly virtual = false;
  readonly #timers = new Map<NodeJS.Timeout, { readonly daemon: boolean }>();
  readonly #work = new WorkMonitor({
    pending: () => [...this.#timers.values()].some(({ daemon }) => !daemon),
    drop: () => {
      for (const timeout of this.#timers.keys()) clearTimeout(timeout);
      this.#timers.clear();
    },
  });
  #offsetMs = 0;

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  after(ms: number, fire: () => void, { daemon = false } = {}): Timer {
    if (this.#work.isClosed) return { cancel: () => {} };
    const timeout = setTimeout(() => {
      this.#timers.delete(timeout);
      this.#work.changed();
      withoutHolds(fire);
    }, wholeMs(ms));
    this.#timers.set(timeout, { daemon });
    if (daemon) timeout.unref();
    return {
      cancel: () => {
        clearTimeout(timeout);
        if (this.#timers.delete(timeout)) this.#work.changed();
      },
    };
  }

  sleep(ms: number): Promise<void> {
    return withSuspendedHolds(() => new Promise((resolve) => void this.after(ms, resolve)));
  }

  async pass(ms: number): Promise<void> {
    if (this.#offsetMs === 0) await this.sleep(ms);
    else this.#offsetMs += ms;
  }

  advance(): Promise<void> {
    return Promise.reject(new Error(NOT_ADVANCED));
  }

  async at<T>(time: number, work: () => Promise<T>): Promise<T> {
    const before = this.#offsetMs;
    this.#offsetMs = time - Date.now();
    try {
      return await work();
    } finally {
      this.#offsetMs = before;
    }
  }

  reset(): void {
    throw new Error('Only a virtual clock can be reset.');
  }

  async followRealTime(): Promise<void> {}

  hold(): Hold {
    return this.#work.hold();
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    return this.#work.during(work);
  }

  settled(): Promise<void> {
    return this.#work.settled();
  }

  close(): void {
    this.#work.close();
  }
}

const wholeMs = (ms: number): number => Math.max(0, Math.ceil(ms));
