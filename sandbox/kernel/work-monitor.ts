/** Counts the work under way in a sandbox, and takes the next step of its clock when none is. */
import { AsyncLocalStorage } from 'node:async_hooks';

export type Hold = { release(): void };

/** The timers of a clock, as far as the monitor steps through them. */
export type MonitoredTimers = {
  /** True while a timer other than daemons is set. */
  pending(): boolean;
  /** Moves the clock to the next timer and fires it; absent where timers fire by themselves. */
  fireNext?(): void;
  drop(): void;
};

/** Turns of the event loop that must pass without work before a clock moves on: answers on open sockets arrive within. */
const QUIET_TURNS = 4;

/** The holds of the `during`s around the running code, across await. */
const surroundingHolds = new AsyncLocalStorage<readonly SuspendableHold[]>();

/**
 * Lets time pass while `work` waits for something that itself takes the sandbox's time, such as a function invoked
 * by the running operation: the holds of the surrounding `during`s are suspended until it ends.
 */
export const lettingTimePass = async <T>(work: () => Promise<T>): Promise<T> => {
  const holds = surroundingHolds.getStore() ?? [];
  for (const hold of holds) hold.suspend();
  try {
    return await work();
  } finally {
    for (const hold of holds) hold.resume();
  }
};

/** Starts work that outlives the operation around it, so that it neither inherits nor lends that operation's holds. */
export const apartFromHolds = <T>(work: () => T): T => surroundingHolds.run([], work);

export class WorkMonitor {
  readonly #timers: MonitoredTimers;
  #holds = 0;
  #isClosed = false;
  #isWatching = false;
  #quietTurns = 0;
  #settledListeners: (() => void)[] = [];

  constructor(timers: MonitoredTimers) {
    this.#timers = timers;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  take(): void {
    this.#holds += 1;
  }

  giveBack(): void {
    this.#holds -= 1;
    this.changed();
  }

  /** To be called after each change of holds or timers: the quiet turns start over. */
  changed(): void {
    this.#quietTurns = 0;
    if (this.#isWatching || this.#isClosed || this.#holds > 0) return;
    this.#watchNextTurn();
  }

  hold(): Hold {
    this.take();
    let isHeld = true;
    return {
      release: () => {
        if (isHeld) this.giveBack();
        isHeld = false;
      },
    };
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const hold = new SuspendableHold(this);
    try {
      return await surroundingHolds.run([...(surroundingHolds.getStore() ?? []), hold], work);
    } finally {
      hold.end();
    }
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve();
      this.#settledListeners.push(resolve);
      this.changed();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timers.drop();
    this.#announceSettled();
  }

  #watchNextTurn(): void {
    this.#isWatching = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isWatching = false;
    if (this.#isClosed || this.#holds > 0) return;
    this.#quietTurns += 1;
    if (this.#quietTurns < QUIET_TURNS) {
      this.#watchNextTurn();
      return;
    }
    this.#quietTurns = 0;
    if (this.#timers.pending()) this.#timers.fireNext?.();
    else this.#announceSettled();
  }

  #announceSettled(): void {
    for (const resolve of this.#settledListeners.splice(0)) resolve();
  }
}

/** The hold of one `during`: it may be suspended more than once at a time, and after it ended. */
class SuspendableHold {
  readonly #monitor: WorkMonitor;
  #suspensions = 0;
  #isOver = false;

  constructor(monitor: WorkMonitor) {
    this.#monitor = monitor;
    monitor.take();
  }

  suspend(): void {
    this.#suspensions += 1;
    if (!this.#isOver && this.#suspensions === 1) this.#monitor.giveBack();
  }

  resume(): void {
    this.#suspensions -= 1;
    if (!this.#isOver && this.#suspensions === 0) this.#monitor.take();
  }

  end(): void {
    this.#isOver = true;
    if (this.#suspensions === 0) this.#monitor.giveBack();
  }
}
