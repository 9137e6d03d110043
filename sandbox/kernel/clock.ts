/**
 * One clock for the whole sandbox: real, or virtual.
 * A virtual clock stands still while any work is under way, and jumps to the next timer when nothing is.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export type Timer = { cancel(): void };

export type Clock = {
  readonly virtual: boolean;
  /** A virtual clock's time for other threads: one 64-bit integer, milliseconds since 1970. */
  readonly cell?: SharedArrayBuffer;
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `fire` after `ms`. A `daemon` timer (schedules, task time-outs) neither moves a virtual clock by itself nor keeps `settled` waiting. */
  after(ms: number, fire: () => void, options?: { daemon?: boolean }): Timer;
  /** Waits `ms`; the holds of the surrounding `during`s are off meanwhile. */
  sleep(ms: number): Promise<void>;
  /** Holds a virtual clock still until `release` is called. */
  hold(): { release(): void };
  /** Holds while `work` runs. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Moves a virtual clock forward by `ms`, firing what falls due on the way, daemons too. */
  advance(ms: number): Promise<void>;
  /** Sets the clock to `time` while `work` runs, for what must be old; one such work at a time. A virtual clock fires no timer meanwhile. */
  at<T>(time: number, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way and no timer but daemons is left. */
  settled(): Promise<void>;
  close(): void;
};

/**
 * Lets time pass while `work` waits for something that itself takes the sandbox's time, such as a function invoked
 * by the running operation: the holds of the surrounding `during`s are off until it ends.
 */
export const lettingTimePass = async <T>(work: () => Promise<T>): Promise<T> => {
  const holds = holdsAround.getStore() ?? [];
  for (const hold of holds) hold.suspend();
  try {
    return await work();
  } finally {
    for (const hold of holds) hold.resume();
  }
};

/** Starts something that outlives the operation around it, so that it neither inherits nor lends that operation's holds. */
export const apartFromHolds = <T>(work: () => T): T => holdsAround.run([], work);

/** A clock for one sandbox. `start` (default: now) is where a virtual one begins. */
export const createClock = ({ virtual, start = Date.now() }: { virtual: boolean; start?: number }): Clock =>
  virtual ? virtualClock(start) : realClock();

/** How many turns of the event loop must pass without work before a clock moves on: answers on open sockets arrive within. */
const quietTurns = 4;

/** The holds of the `during`s around the running code, over await. */
const holdsAround = new AsyncLocalStorage<readonly { suspend(): void; resume(): void }[]>();

type Entry = {
  readonly at: number;
  readonly order: number;
  readonly daemon: boolean;
  readonly fire: () => void;
};

const virtualClock = (start: number): Clock => {
  const cell = new SharedArrayBuffer(8);
  const time = new BigInt64Array(cell);
  const set = (ms: number) => Atomics.store(time, 0, BigInt(Math.floor(ms)));
  set(start);
  const now = () => Number(Atomics.load(time, 0));
  const timers: Entry[] = [];
  let made = 0;
  let pending = 0;

  const add = (at: number, fire: () => void, daemon: boolean, order = made++): Timer => {
    const entry: Entry = { at, order, daemon, fire };
    if (work.closed()) return { cancel: () => {} };
    timers.splice(position(timers, entry), 0, entry);
    if (!daemon) pending += 1;
    work.changed();
    return { cancel: () => takeOut(position(timers, entry), entry) };
  };

  const takeOut = (index: number, entry: Entry | undefined) => {
    if (!entry || timers[index] !== entry) return;
    timers.splice(index, 1);
    if (!entry.daemon) pending -= 1;
    work.changed();
  };

  const work = watchWork({
    pending: () => pending > 0,
    next: () => {
      const due = timers[0]!;
      set(Math.max(now(), due.at));
      takeOut(0, due);
      apartFromHolds(due.fire);
    },
    drop: () => timers.splice(0),
  });

  const at: Clock['at'] = async (ms, task) => {
    const hold = work.clock.hold();
    const before = now();
    set(ms);
    try {
      return await task();
    } finally {
      set(before);
      hold.release();
    }
  };

  const after: Clock['after'] = (ms, fire, options) => add(now() + wholeMs(ms), fire, options?.daemon ?? false);
  return {
    ...work.clock,
    virtual: true,
    cell,
    now,
    after,
    sleep: sleepOn(after),
    // Last of all that falls due at that moment, so that what those timers start is over when `advance` resolves.
    advance: (ms) => new Promise((resolve) => add(now() + wholeMs(ms), resolve, false, Number.POSITIVE_INFINITY)),
    at,
  };
};

const realClock = (): Clock => {
  const timers = new Map<NodeJS.Timeout, { readonly daemon: boolean }>();
  let offset = 0;
  const work = watchWork({
    pending: () => [...timers.values()].some((timer) => !timer.daemon),
    drop: () => {
      for (const timeout of timers.keys()) clearTimeout(timeout);
      timers.clear();
    },
  });

  const after: Clock['after'] = (ms, fire, options) => {
    if (work.closed()) return { cancel: () => {} };
    const timeout = setTimeout(() => {
      timers.delete(timeout);
      work.changed();
      apartFromHolds(fire);
    }, wholeMs(ms));
    timers.set(timeout, { daemon: options?.daemon ?? false });
    if (options?.daemon) timeout.unref();
    const cancel = () => {
      clearTimeout(timeout);
      if (timers.delete(timeout)) work.changed();
    };
    return { cancel };
  };
  return {
    ...work.clock,
    virtual: false,
    now: () => Date.now() + offset,
    after,
    sleep: sleepOn(after),
    advance: () => Promise.reject(new Error('Only a virtual clock can be advanced.')),
    at: async (time, task) => {
      offset = time - Date.now();
      try {
        return await task();
      } finally {
        offset = 0;
      }
    },
  };
};

/**
 * Counts holds and, once none is left for some turns of the event loop, takes the next step of the clock:
 * fires a timer while one is pending, or tells those who wait that all is settled.
 */
const watchWork = (timers: { pending(): boolean; next?(): void; drop(): void }) => {
  let holds = 0;
  let closed = false;
  let watching = false;
  let quiet = 0;
  let waiting: (() => void)[] = [];

  const changed = () => {
    quiet = 0;
    if (watching || closed || holds > 0) return;
    watching = true;
    setImmediate(turn);
  };

  const turn = () => {
    watching = false;
    if (closed || holds > 0) return;
    quiet += 1;
    if (quiet < quietTurns) {
      watching = true;
      setImmediate(turn);
      return;
    }
    quiet = 0;
    if (!timers.pending()) return settle();
    timers.next?.();
  };

  const settle = () => {
    const settledOnes = waiting;
    waiting = [];
    for (const resolve of settledOnes) resolve();
  };

  const take = () => {
    holds += 1;
  };
  const giveBack = () => {
    holds -= 1;
    changed();
  };

  const clock: Pick<Clock, 'hold' | 'during' | 'settled' | 'close'> = {
    hold: () => {
      take();
      let held = true;
      return {
        release: () => {
          if (held) giveBack();
          held = false;
        },
      };
    },
    during: async (work) => {
      let suspended = 0;
      let over = false;
      const hold = {
        suspend: () => {
          suspended += 1;
          if (!over && suspended === 1) giveBack();
        },
        resume: () => {
          suspended -= 1;
          if (!over && suspended === 0) take();
        },
      };
      take();
      try {
        return await holdsAround.run([...(holdsAround.getStore() ?? []), hold], work);
      } finally {
        over = true;
        if (suspended === 0) giveBack();
      }
    },
    settled: () =>
      new Promise((resolve) => {
        if (closed) return resolve();
        waiting.push(resolve);
        changed();
      }),
    close: () => {
      closed = true;
      timers.drop();
      settle();
    },
  };
  return { clock, changed, closed: () => closed };
};

const sleepOn =
  (after: Clock['after']): Clock['sleep'] =>
  (ms) =>
    lettingTimePass(() => new Promise((resolve) => void after(ms, resolve)));

/** Where an entry stands, or would stand, in the order of time. */
const position = (timers: readonly Entry[], entry: Entry): number => {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = timers[middle]!;
    if (other.at < entry.at || (other.at === entry.at && other.order < entry.order)) low = middle + 1;
    else high = middle;
  }
  return low;
};

const wholeMs = (ms: number): number => Math.max(0, Math.ceil(ms));
