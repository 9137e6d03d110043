/** Virtual time inside a function instance: Date and timers follow the sandbox's clock. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

export type InstanceTime = {
  /** Returns the due time of the next timer; null if there is none. */
  earliest(): number | null;
  fireNext(): boolean;
};

/** The thread's original timers, which follow real time. */
export const REAL_TIMERS = { setTimeout, clearTimeout };

/**
 * Replaces Date, the timers of the global object, node:timers and node:timers/promises, and AbortSignal.timeout. Must
 * be called before the bundle is loaded.
 * @param cell the clock's milliseconds since 1970, which Date exceeds by `skewMs`
 */
export const installVirtualTime = (cell: SharedArrayBuffer, skewMs: number): InstanceTime => {
  const shared = new BigInt64Array(cell);
  const now = () => Number(Atomics.load(shared, 0));
  const timers = virtualTimers(now);
  installDate(() => now() + skewMs);
  const { setTimeout, setInterval, clear } = timers;
  const replaced = { setTimeout, setInterval, clearTimeout: clear, clearInterval: clear };
  Object.assign(globalThis, replaced);
  const require = createRequire(import.meta.url);
  Object.assign(require('node:timers'), replaced);
  installPromises(require('node:timers/promises'), timers);
  syncBuiltinESMExports();
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    const abort = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    setTimeout(abort, ms);
    return controller.signal;
  };
  return timers;
};

const installDate = (now: () => number): void => {
  const RealDate = Date;
  const VirtualDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.now = now;
  RealDate.prototype.constructor = VirtualDate;
  globalThis.Date = VirtualDate;
};

type Callback = (...args: unknown[]) => void;
type VirtualTimers = ReturnType<typeof virtualTimers>;

const virtualTimers = (now: () => number) => {
  const pending = new Map<number, VirtualTimeout>();
  let started = 0;

  const start = (callback: Callback, ms: number | undefined, args: unknown[], repeats: boolean): VirtualTimeout => {
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.');
    started += 1;
    const timeout = new VirtualTimeout(started, delay(ms), now, pending, repeats, () => callback(...args));
    return timeout.refresh();
  };
  const setTimeout = (callback: Callback, ms?: number, ...args: unknown[]) => start(callback, ms, args, false);
  const setInterval = (callback: Callback, ms?: number, ...args: unknown[]) => start(callback, ms, args, true);
  const clear = (timeout: unknown) => {
    if (timeout instanceof VirtualTimeout) timeout.close();
    else if (timeout !== undefined && timeout !== null) pending.delete(Number(timeout));
  };
  Object.defineProperty(setTimeout, promisify.custom, {
    value: <T>(ms?: number, value?: T) => new Promise((resolve) => setTimeout(() => resolve(value), ms)),
  });

  const first = (): VirtualTimeout | undefined => {
    let earliest: VirtualTimeout | undefined;
    for (const timeout of pending.values()) {
      if (!earliest || timeout.at < earliest.at || (timeout.at === earliest.at && timeout.order < earliest.order))
        earliest = timeout;
    }
    return earliest;
  };
  const fireNext = (): boolean => {
    const due = first();
    if (!due || due.at > now()) return false;
    due.fire();
    return true;
  };
  return { setTimeout, setInterval, clear, fireNext, earliest: () => first()?.at ?? null };
};

class VirtualTimeout {
  at = 0;
  readonly order: number;
  readonly #ms: number;
  readonly #now: () => number;
  readonly #pending: Map<number, VirtualTimeout>;
  readonly #repeats: boolean;
  readonly #call: () => void;

  constructor(
    order: number,
    ms: number,
    now: () => number,
    pending: Map<number, VirtualTimeout>,
    repeats: boolean,
    call: () => void,
  ) {
    this.order = order;
    this.#ms = ms;
    this.#now = now;
    this.#pending = pending;
    this.#repeats = repeats;
    this.#call = call;
  }
  fire(): void {
    if (this.#repeats) this.refresh();
    else this.close();
    this.#call();
  }
  refresh(): this {
    this.at = this.#now() + this.#ms;
    this.#pending.set(this.order, this);
    return this;
  }
  close(): this {
    this.#pending.delete(this.order);
    return this;
  }
  // A frozen instance has no event loop to keep running, so ref and unref change nothing.
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  [Symbol.toPrimitive](): number {
    return this.order;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Node's rule: whole milliseconds between 1 and 2^31 - 1; anything else becomes 1. */
const delay = (ms: number | undefined): number => {
  const whole = Math.trunc(Number(ms));
  return whole >= 1 && whole <= 2 ** 31 - 1 ? whole : 1;
};

type WaitOptions = { readonly signal?: AbortSignal };

const installPromises = (promises: Record<string, any>, timers: VirtualTimers): void => {
  const wait = <T>(ms?: number, value?: T, options: WaitOptions = {}): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      const abort = () => {
        timers.clear(timeout);
        reject(new AbortError(signal?.reason));
      };
      const finish = () => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      };
      const timeout = timers.setTimeout(finish, ms);
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
    });
  promises.setTimeout = wait;
  promises.setInterval = async function* <T>(ms?: number, value?: T, options?: WaitOptions) {
    while (true) yield wait(ms, value, options);
  };
  promises.scheduler.wait = (ms: number, options?: WaitOptions) => wait(ms, undefined, options);
};

class AbortError extends Error {
  readonly code = 'ABORT_ERR';
  constructor(cause: unknown) {
    super('The operation was aborted', { cause });
    this.name = 'AbortError';
  }
}
