/** Counts the work in progress in a sandbox, and advances its clock when there is none. */
import { AsyncLocalStorage } from 'node:async_hooks';

export type Hold = { release(): void };

export type MonitoredTimers = {
  pending(): boolean;
  /** Moves the clock to the next timer and fires it; absent if timers fire by themselves. */
  fireNext?(): void;
  drop(): void;
};

/**
 * A clock advances after this many turns of the event loop without work. Answers on open sockets arrive within them.
 */
const QUIET_TURNS = 4;

/** The holds of the `during`s around the running code, across await. */
const surroundingHolds = new AsyncLocalStorage<readonly SuspendableHold[]>();

/**
 * Suspends the holds of the surrounding `during`s while `work` waits for something that takes the sandbox's time, such
 * as a function that the running operation invokes.
 */
export const withSuspendedHolds = async <T>(work: () => Promise<T>): Promise<T> => {
  const holds = surroundingHolds.getStore() ?? [];
  for (const hold of holds) hold.suspend();
  try {
    return await work();
  } finally {
    for (const hold of holds) hold.resume();
  }
};

/** Starts work that outlives the surrounding operation and does not share its holds. */
export const withoutHolds = <T>(work: () => T): T => surroundingHolds.run([], work);

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

  addHold(): void {
    this.#holds += 1;
  }

  removeHold(): void {
    this.#holds -= 1;
    this.changed();
  }

  /** Must be called after each change of holds or timers: the quiet turns start over. */
  changed(): void {
    this.#quietTurns = 0;
    if (this.#isWatching || this.#isClosed || this.#holds > 0) return;
    this.#watchNextTurn();
  }

  hold(): Hold {
    this.addHold();
    let isHeld = true;
    return {
      release: () => {
        if (isHeld) this.removeHold();
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

/** A hold can be suspended several times at once, and after its end. */
class SuspendableHold {
  readonly #monitor: WorkMonitor;
  #suspensions = 0;
  #isOver = false;

  constructor(monitor: WorkMonitor) {
    this.#monitor = monitor;
    monitor.addHold();
  }

  suspend(): void {
    this.#suspensions += 1;
    if (!this.#isOver && this.#suspensions === 1) this.#monitor.removeHold();
  }

  resume(): void {
    this.#suspensions -= 1;
    if (!this.#isOver && this.#suspensions === 0) this.#monitor.addHold();
  }

  end(): void {
    this.#isOver = true;
    if (this.#suspensions === 0) this.#monitor.removeHold();
  }
}
