/**
 * A function instance: loads the bundle once, then runs one invocation after the other.
 * Everything the bundle may keep a reference to is replaced before it is loaded.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromInstance, InstanceData, InvocationError, ToInstance } from '../protocol.ts';
import { leaveNoWayOut, resolveLocalhost, watchRequests } from './network.ts';
import { installVirtualTime, realTimers } from './time.ts';

const { instance, directory, handler, endpoint, cell, skew = 0 } = workerData as InstanceData;
const port = parentPort!;
const tell = (message: FromInstance): void => port.postMessage(message);

type Handler = (event: unknown, context: unknown) => unknown;
type Invocation = Extract<ToInstance, { kind: 'invoke' }>;

/** Turns of the event loop that must pass without a sign of work before an invocation counts as idle. */
const idleTurns = 3;

let running = false;
/** Grows with everything that may give the invocation work, so that older observations end. */
let observation = 0;
/** What the sandbox was last told of being idle. */
let told = '';

captureOutput();
resolveLocalhost();
leaveNoWayOut(endpoint);
const requests = watchRequests(instance, () => {
  if (told !== '') tell({ kind: 'busy' });
  void observe();
});
const time = cell ? installVirtualTime(cell, skew) : undefined;
let loaded: Promise<Handler> | undefined;

process.on('uncaughtException', (error) => die(describe(error)));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  die({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace });
});

port.on('message', (message: ToInstance) => {
  if (message.kind === 'invoke') void invoke(message);
  else void tick();
});

async function invoke({ event, context, deadline }: Invocation): Promise<void> {
  running = true;
  void observe();
  loaded ??= load();
  let run: Handler;
  try {
    run = await loaded;
  } catch (error) {
    return die(error instanceof InitError ? error.payload : describe(error));
  }
  const before = process.threadCpuUsage();
  const full = {
    ...context,
    getRemainingTimeInMillis: () => Math.max(0, deadline + skew - Date.now()),
    ...nothingToWaitFor,
  };
  let answer: FromInstance;
  try {
    const result = await run(JSON.parse(event), full);
    const { user, system } = process.threadCpuUsage(before);
    answer = { kind: 'done', payload: JSON.stringify(result) ?? 'null', processorMs: (user + system) / 1000 };
  } catch (error) {
    answer = { kind: 'failed', error: describe(error), fatal: false };
  }
  running = false;
  tell(answer);
}

/** Handlers may set it; with promise results it changes nothing. */
const nothingToWaitFor = { callbackWaitsForEmptyEventLoop: true };

/** Fires the timers that are due, each followed by what it set going, as Node's event loop does. */
async function tick(): Promise<void> {
  while (time?.fireNext()) await nextTurn();
  void observe();
}

/** Watches until the invocation can do nothing but wait for time or for answers, and says so. */
async function observe(): Promise<void> {
  if (!time) return;
  observation += 1;
  const mine = observation;
  let quiet = 0;
  told = '';
  while (running && observation === mine) {
    quiet = hasSystemRequests() ? 0 : quiet + 1;
    if (quiet < idleTurns) {
      await nextTurn();
      continue;
    }
    const idle = { kind: 'idle', requests: requests.open(), earliest: time.earliest() } as const;
    const seen = JSON.stringify(idle);
    if (seen !== told) tell(idle);
    told = seen;
    if (idle.requests === 0) return;
    // An answer may arrive, or be read, without an event that this thread could watch.
    await new Promise((resolve) => realTimers.setTimeout(resolve, 2));
  }
}

/** File and name look-ups under way in the thread pool. */
function hasSystemRequests(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.includes('Req'));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class InitError extends Error {
  readonly payload: InvocationError;
  constructor(errorType: string, errorMessage: string) {
    super(errorMessage);
    this.payload = { errorType, errorMessage, trace: [] };
  }
}

async function load(): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  const [module, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const file = ['.mjs', '.js', '.cjs']
    .map((ending) => join(directory, module + ending))
    .find((path) => existsSync(path));
  if (dot < 1 || !file) {
    throw new InitError('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  }
  const exports = await import(pathToFileURL(file).href);
  const found = exports[name] ?? exports.default?.[name];
  if (typeof found !== 'function') {
    throw new InitError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  return found;
}

function describe(error: unknown): InvocationError & { trace: readonly string[] } {
  if (!types.isNativeError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** Reports what ended this process. The sandbox throws the instance away. */
function die(error: InvocationError): void {
  running = false;
  tell({ kind: 'failed', error, fatal: true });
}

/** Sends what the function writes to the sandbox. Loggers with a console of their own write to the same streams. */
function captureOutput(): void {
  const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    tell({ kind: 'log', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') queueMicrotask(() => callback());
    return true;
  };
  process.stdout.write = write as typeof process.stdout.write;
  process.stderr.write = write as typeof process.stderr.write;
}
