/** One function instance: a worker thread with an environment of its own, and its share in holding the clock. */
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../kernel/clock.ts';
import { answerTooLarge, exited, largestAnswer, timedOut } from './failures.ts';
import type { FromInstance, InstanceData, InvocationContext, InvocationError, ToInstance } from './protocol.ts';

export type Outcome =
  /** `processorMs`: what the thread computed, the bundle's loading left out. */
  | { readonly kind: 'done'; readonly payload: string; readonly processorMs: number }
  /** After a `fatal` failure the instance is gone. */
  | { readonly kind: 'failed'; readonly error: InvocationError; readonly fatal: boolean };

export type Instance = {
  readonly id: string;
  /** Runs one invocation; `event` is JSON. One at a time. */
  run(event: string, context: InvocationContext, timeoutMs: number): Promise<Outcome>;
  /**
   * One of the instance's open requests waits for the sandbox's time itself, until the returned function is called:
   * because its answer comes now, or because none does: the instance has given it up, or it is late.
   */
  park(): (because: 'answered' | 'unanswered') => void;
  /** Ends the thread at once. A running invocation fails with Runtime.ExitError. */
  kill(): Promise<void>;
  alive(): boolean;
};

export type InstanceOptions = {
  readonly clock: Clock;
  readonly data: Omit<InstanceData, 'cell'>;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly log: (line: string) => void;
};

/** What Node itself and the type-stripping loader take, which Lambda's MemorySize does not have to provide for. */
const loaderMb = 64;

/** Starts the thread; the bundle is loaded by the first invocation. */
export const startInstance = ({ clock, data, environment, memoryMb, log }: InstanceOptions): Instance => {
  const worker = new Worker(new URL('./worker/main.ts', import.meta.url), {
    workerData: { ...data, cell: clock.cell } satisfies InstanceData,
    env: environment,
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb + loaderMb },
  });
  // An idle instance does not keep the sandbox's process alive.
  worker.unref();
  const tell = (message: ToInstance) => worker.postMessage(message);
  let alive = true;
  let parked = 0;
  let current: ReturnType<typeof invocation> | undefined;

  const kill = async () => {
    alive = false;
    await worker.terminate();
  };
  worker.on('message', (message: FromInstance) => {
    if (message.kind === 'log') for (const line of linesOf(message.text)) log(line);
    else current?.hear(message);
  });
  worker.on('error', (error) => {
    log(String(error));
    current?.exit('killed');
  });
  worker.on('exit', (code) => {
    const how = alive ? code : 'killed';
    alive = false;
    current?.exit(how);
  });

  return {
    id: data.instance,
    alive: () => alive,
    kill,
    park: () => {
      parked += 1;
      current?.review();
      return (because) => {
        parked -= 1;
        // An instance may have said already that it is idle, and will not say so again.
        if (because === 'unanswered') current?.review();
        else current?.resume();
      };
    },
    run: async (event, context, timeoutMs) => {
      current = invocation(clock, context.awsRequestId, timeoutMs, tell, () => parked);
      tell({ kind: 'invoke', event, context, deadline: clock.now() + timeoutMs });
      const outcome = await current.outcome;
      current = undefined;
      // A thread ends in real time: the sandbox's stands still until whoever waits for the outcome can go on.
      if (outcome.kind === 'failed' && outcome.fatal) await holding(clock, kill);
      if (outcome.kind === 'failed') log(`ERROR\tInvoke Error\t${JSON.stringify(outcome.error)}`);
      return outcome;
    },
  };
};

/**
 * A running invocation. It holds the clock but while the thread waits for nothing else than timers and for requests
 * that are parked; then a timer of the clock stands for the thread's next one.
 */
const invocation = (
  clock: Clock,
  requestId: string,
  timeoutMs: number,
  tell: (message: ToInstance) => void,
  parked: () => number,
) => {
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome>();
  const deadline = clock.now() + timeoutMs;
  let hold: { release(): void } | undefined = clock.hold();
  let idle: { readonly requests: number; readonly earliest: number | null } | undefined;
  let wake: Timer | undefined;
  let over = false;

  const end = (result: Outcome) => {
    if (over) return;
    over = true;
    limit.cancel();
    wake?.cancel();
    resolve(result);
    hold?.release();
  };
  const fail = (error: InvocationError) => end({ kind: 'failed', error, fatal: true });
  const limit = clock.after(timeoutMs, () => fail(timedOut(requestId, timeoutMs / 1000)), { daemon: true });

  const resume = () => {
    if (over) return;
    idle = undefined;
    wake?.cancel();
    wake = undefined;
    hold ??= clock.hold();
  };
  const tick = () => {
    resume();
    tell({ kind: 'tick' });
  };
  const review = () => {
    if (over || !hold || !idle || idle.requests !== parked()) return;
    // Without timers and requests nothing but the time-out will ever end the invocation.
    const next = idle.earliest ?? (idle.requests === 0 ? deadline : undefined);
    if (next !== undefined) wake = clock.after(next - clock.now(), tick);
    hold.release();
    hold = undefined;
  };

  const hear = (message: Exclude<FromInstance, { kind: 'log' }>) => {
    if (message.kind === 'busy') return resume();
    if (message.kind === 'idle') {
      resume();
      idle = message;
      return review();
    }
    if (message.kind === 'failed') return end(message);
    const bytes = Buffer.byteLength(message.payload);
    if (bytes > largestAnswer) return end({ kind: 'failed', error: answerTooLarge(bytes), fatal: false });
    end(message);
  };
  return { outcome, hear, resume, review, exit: (how: 'killed' | number) => fail(exited(requestId, how)) };
};

async function holding(clock: Clock, work: () => Promise<void>): Promise<void> {
  const hold = clock.hold();
  try {
    await work();
  } finally {
    hold.release();
  }
}

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');
