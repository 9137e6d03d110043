/**
 * A function instance: loads the bundle once, then runs one invocation after the other.
 * It replaces timers and the network before it loads the bundle, which may keep references to them.
 */
import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromInstance, InstanceData, InvocationError, ToInstance } from '../protocol.ts';
import { redirectToSandbox, resolveLocalhost, watchRequests } from './network.ts';
import { installVirtualTime, REAL_TIMERS } from './time.ts';

const { instance, directory, handler, endpoint, cell, skewMs = 0 } = workerData as InstanceData;
const port = parentPort!;
const tell = (message: FromInstance): void => port.postMessage(message);

type Handler = (event: unknown, context: unknown) => unknown;
type Invocation = Extract<ToInstance, { kind: 'invoke' }>;

/** Turns of the event loop that must pass without a sign of work before an invocation counts as idle. */
const IDLE_TURNS = 3;

let running = false;
let isCacheWritten = false;
/** Grows with every event that may give the invocation work, so that older observations end. */
let observation = 0;
/** The last report of being idle, as JSON; empty if a later event may have given the invocation work. */
let reported = '';

// Node has read it by now, and it does not belong to the function's environment.
delete process.env.NODE_COMPILE_CACHE;
captureOutput();
resolveLocalhost();
redirectToSandbox(endpoint);
const requests = watchRequests(instance, () => {
  if (reported !== '') tell({ kind: 'busy' });
  void observe();
});
const time = cell ? installVirtualTime(cell, skewMs) : undefined;
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
    getRemainingTimeInMillis: () => Math.max(0, deadline + skewMs - Date.now()),
    ...NO_WAIT,
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
  // After the first invocation, so that the cache includes lazily compiled functions. A killed thread writes no cache.
  if (!isCacheWritten) flushCompileCache();
  isCacheWritten = true;
}

/** Handlers may set it; it has no effect for handlers that return promises. */
const NO_WAIT = { callbackWaitsForEmptyEventLoop: true };

/** Fires the timers that are due. The callbacks that each one starts run before the next one, as in Node's event loop. */
async function tick(): Promise<void> {
  while (time?.fireNext()) await nextTurn();
  void observe();
}

/** Watches until the invocation waits only for time or for answers, and reports that, and each change of it. */
async function observe(): Promise<void> {
  if (!time) return;
  observation += 1;
  const mine = observation;
  reported = '';
  let previous = '';
  let quietTurns = 0;
  while (running && observation === mine) {
    const idle = { kind: 'idle', requests: requests.open(), earliest: time.earliest() } as const;
    const report = JSON.stringify(idle);
    quietTurns = hasSystemRequests() || report !== previous ? 0 : quietTurns + 1;
    previous = report;
    if (quietTurns < IDLE_TURNS) {
      await nextTurn();
      continue;
    }
    if (report !== reported) tell(idle);
    reported = report;
    if (idle.requests.length === 0) return;
    // An answer may arrive, or be read, without an event that this thread could watch.
    await new Promise((resolve) => REAL_TIMERS.setTimeout(resolve, 2));
  }
}

/** Returns true while file operations and name look-ups run in the thread pool. */
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
  const handlerFunction = exports[name] ?? exports.default?.[name];
  if (typeof handlerFunction !== 'function') {
    throw new InitError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  return handlerFunction;
}

function describe(error: unknown): InvocationError & { trace: readonly string[] } {
  if (!types.isNativeError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** Reports the error that ended this process. The sandbox discards the instance. */
function die(error: InvocationError): void {
  running = false;
  tell({ kind: 'failed', error, fatal: true });
}

/** Sends the function's output to the sandbox. Loggers with a console of their own write to the same streams. */
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
