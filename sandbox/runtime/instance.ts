/** A function instance: a worker thread with its own environment. */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { SandboxClock } from '../kernel/clock.ts';
import type { FromInstance, InstanceData, InvocationContext, ToInstance } from './protocol.ts';
import { type InvocationOutcome, RunningInvocation } from './running-invocation.ts';

export type InstanceOptions = {
  readonly clock: SandboxClock;
  readonly data: Omit<InstanceData, 'cell'>;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly log: (line: string) => void;
};

/** Memory of Node itself and the type-stripping loader, which Lambda's MemorySize need not cover. */
const LOADER_MB = 64;

/**
 * Node's compile cache for the worker and for bundles saves a fifth of an instance's start. Only the owner of the
 * checkout can write to node_modules.
 */
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/sandbox/', import.meta.url));

// V8 begins with 1 MB for new objects and collects garbage a dozen times until a function is loaded: a tenth of a start.
setFlagsFromString('--min-semi-space-size=16');

/** Starts its thread when it is constructed; the first invocation loads the bundle. */
export class Instance {
  readonly id: string;
  readonly #clock: SandboxClock;
  readonly #log: (line: string) => void;
  readonly #worker: Worker;
  readonly #parked = new Map<string, number>();
  #current: RunningInvocation | undefined;
  #isAlive = true;

  constructor({ clock, data, environment, memoryMb, log }: InstanceOptions) {
    this.id = data.instance;
    this.#clock = clock;
    this.#log = log;
    this.#worker = new Worker(new URL('./worker/main.ts', import.meta.url), {
      workerData: { ...data, cell: clock.cell } satisfies InstanceData,
      env: { ...environment, NODE_COMPILE_CACHE: COMPILE_CACHE },
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb + LOADER_MB },
    });
    // An idle instance does not keep the sandbox's process running.
    this.#worker.unref();
    this.#worker.on('message', (message: FromInstance) => this.#hear(message));
    this.#worker.on('error', (error) => {
      log(String(error));
      this.#current?.exit('killed');
    });
    this.#worker.on('exit', (code) => {
      const exit = this.#isAlive ? code : 'killed';
      this.#isAlive = false;
      this.#current?.exit(exit);
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Runs an invocation, one at a time. `event` is JSON. */
  async run(event: string, context: InvocationContext, timeoutMs: number): Promise<InvocationOutcome> {
    const tell = (message: ToInstance) => this.#tell(message);
    const requestId = context.awsRequestId;
    const invocation = new RunningInvocation({ clock: this.#clock, requestId, timeoutMs, tell, parked: this.#parked });
    this.#current = invocation;
    tell({ kind: 'invoke', event, context, deadline: this.#clock.now() + timeoutMs });
    const outcome = await invocation.outcome;
    this.#current = undefined;
    if (outcome.kind === 'failed' && outcome.fatal) await this.kill();
    if (outcome.kind === 'failed') this.#log(`ERROR\tInvoke Error\t${JSON.stringify(outcome.error)}`);
    return outcome;
  }

  /**
   * Marks an open request as waiting for virtual time until the returned function is called.
   * @param sentBytes bytes that the sandbox has sent on the request's connection
   */
  park(request: string, sentBytes: number): () => void {
    this.#parked.set(request, sentBytes);
    this.#tell({ kind: 'parked', request, sentBytes });
    this.#current?.review();
    return () => {
      this.#parked.delete(request);
      this.#tell({ kind: 'unparked', request });
      this.#current?.review();
    };
  }

  /** Ends the thread. A running invocation fails with Runtime.ExitError. A virtual clock waits for the end. */
  async kill(): Promise<void> {
    this.#isAlive = false;
    const hold = this.#clock.hold();
    try {
      await this.#worker.terminate();
    } finally {
      hold.release();
    }
  }

  #tell(message: ToInstance): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromInstance): void {
    if (message.kind === 'log') for (const line of linesOf(message.text)) this.#log(line);
    else this.#current?.hear(message);
  }
}

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');
