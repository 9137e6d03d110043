/** A running invocation, and its hold on the sandbox's clock. */
import type { SandboxClock, Timer } from '../kernel/clock.ts';
import { answerTooLargeError, exitError, type InstanceExit, LARGEST_ANSWER_BYTES, timeoutError } from './failures.ts';
import type { FromInstance, InvocationError, OpenRequest, ToInstance } from './protocol.ts';

export type InvocationOutcome =
  /** `processorMs` excludes loading the bundle. */
  | { readonly kind: 'done'; readonly payload: string; readonly processorMs: number }
  /** A `fatal` failure ends the instance. */
  | { readonly kind: 'failed'; readonly error: InvocationError; readonly fatal: boolean };

/** Requests that wait for virtual time, with the bytes that the sandbox has sent on their connections. */
export type ParkedRequests = ReadonlyMap<string, number>;

type InvocationOptions = {
  readonly clock: SandboxClock;
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly tell: (message: ToInstance) => void;
  readonly parked: ParkedRequests;
};

type Idle = Extract<FromInstance, { kind: 'idle' }>;

/**
 * Holds the clock unless the thread waits only for timers and parked requests; then a timer of the clock represents the
 * thread's next one. Everything that the sandbox has sent must have arrived in the thread before the hold is released.
 */
export class RunningInvocation {
  readonly outcome: Promise<InvocationOutcome>;
  readonly #options: InvocationOptions;
  readonly #resolve: (outcome: InvocationOutcome) => void;
  readonly #deadline: number;
  readonly #limit: Timer;
  #hold: { release(): void } | undefined;
  #idle: Idle | undefined;
  #wake: Timer | undefined;
  #isOver = false;

  constructor(options: InvocationOptions) {
    const { clock, requestId, timeoutMs } = options;
    const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
    this.outcome = promise;
    this.#options = options;
    this.#resolve = resolve;
    this.#deadline = clock.now() + timeoutMs;
    this.#hold = clock.hold();
    this.#limit = clock.after(timeoutMs, () => this.#fail(timeoutError(requestId, timeoutMs / 1000)), { daemon: true });
  }

  hear(message: Exclude<FromInstance, { kind: 'log' }>): void {
    switch (message.kind) {
      case 'busy':
        this.#resume();
        break;
      case 'idle':
        this.#resume();
        this.#idle = message;
        this.review();
        break;
      case 'failed':
        this.#end(message);
        break;
      case 'done':
        this.#end(withinLimit(message));
    }
  }

  /** Takes or releases the hold, according to the thread's last report and the parked requests. */
  review(): void {
    if (this.#isOver) return;
    const idle = this.#idle;
    if (idle?.requests.every((request) => this.#isParked(request))) this.#releaseClock(idle);
    else this.#holdClock();
  }

  exit(exit: InstanceExit): void {
    this.#fail(exitError(this.#options.requestId, exit));
  }

  #isParked({ id, receivedBytes }: OpenRequest): boolean {
    const sentBytes = this.#options.parked.get(id);
    return sentBytes !== undefined && receivedBytes >= sentBytes;
  }

  #tick(): void {
    this.#resume();
    this.#options.tell({ kind: 'tick' });
  }

  #resume(): void {
    if (this.#isOver) return;
    this.#idle = undefined;
    this.#holdClock();
  }

  #releaseClock({ earliest, requests }: Idle): void {
    if (!this.#hold) return;
    const { clock } = this.#options;
    // Without timers and requests, only the timeout can end the invocation.
    const next = earliest ?? (requests.length === 0 ? this.#deadline : undefined);
    if (next !== undefined) this.#wake = clock.after(next - clock.now(), () => this.#tick());
    this.#hold.release();
    this.#hold = undefined;
  }

  #holdClock(): void {
    this.#wake?.cancel();
    this.#wake = undefined;
    this.#hold ??= this.#options.clock.hold();
  }

  #fail(error: InvocationError): void {
    this.#end({ kind: 'failed', error, fatal: true });
  }

  #end(outcome: InvocationOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#limit.cancel();
    this.#wake?.cancel();
    this.#resolve(outcome);
    this.#hold?.release();
  }
}

function withinLimit(answer: InvocationOutcome & { kind: 'done' }): InvocationOutcome {
  const bytes = Buffer.byteLength(answer.payload);
  return bytes > LARGEST_ANSWER_BYTES ? { kind: 'failed', error: answerTooLargeError(bytes), fatal: false } : answer;
}
