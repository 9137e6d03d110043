/**
 * A function instance: loads the bundle once, then runs one invocation after the other. It replaces timers and the
 * network before it loads the bundle, which may keep references to them.
 */
import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromInstance, InstanceData, InvocationError, ToInstance } from '../protocol.ts';
import { redirectToSandbox, resolveLocalhost, type WatchedRequest, watchRequests } from './network.ts';
import { watchThreadPool } from './thread-pool.ts';
import { installVirtualTime, REAL_TIMERS } from './time.ts';

const { instance, directory, handler, endpoint, cell, skewMs = 0 } = workerData as InstanceData;
const port = parentPort!;
const tell = (message: FromInstance): void => port.postMessage(message);

type Handler = (event: unknown, context: unknown) => unknown;
type Invocation = Extract<ToInstance, { kind: 'invoke' }>;

/** An invocation counts as idle after this many turns of the event loop without a sign of work. */
const IDLE_TURNS = 3;

let running = false;
let isCacheWritten = false;
/** Grows with every event that may give the invocation work, so that older observations end. */
let observation = 0;
/** The last idle report as JSON; empty if a later event may have given the invocation work. */
let reported = '';

// Node has read it by now, and it does not belong to the function's environment.
delete process.env.NODE_COMPILE_CACHE;
captureOutput();
resolveLocalhost();
redirectToSandbox(endpoint);
const requests = watchRequests(instance, () => void observe());
/** Bytes that the sandbox has sent for each request that waits for virtual time, by the request's id. */
const PARKED_REQUESTS = new Map<string, number>();
const isThreadPoolBusy = watchThreadPool();
const time = cell ? installVirtualTime(cell, skewMs) : undefined;
let loaded: Promise<Handler> | undefined;

process.on('uncaughtException', (error) => die(describe(error)));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  die({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace });
});

port.on('message', (message: ToInstance) => {
  switch (message.kind) {
    case 'invoke':
      void invoke(message);
      break;
    case 'tick':
      void tick();
      break;
    case 'parked':
      PARKED_REQUESTS.set(message.request, message.sentBytes);
      void observe();
      break;
    case 'unparked':
      PARKED_REQUESTS.delete(message.request);
      void observe();
  }
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

/** Callbacks of each timer run before the next one, as in Node's event loop. */
async function tick(): Promise<void> {
  // The sandbox holds its clock again before it sends a tick.
  reported = '';
  while (time?.fireNext()) await nextTurn();
  void observe();
}

/** Reports when the invocation waits only for time and for parked requests. */
async function observe(): Promise<void> {
  if (!time) return;
  observation += 1;
  const ownObservation = observation;
  if (reported !== '') tell({ kind: 'busy' });
  reported = '';
  let previous = '';
  let quietTurns = 0;
  while (running && observation === ownObservation) {
    const open = requests.open();
    const unparked = open.filter((request) => !isParked(request));
    if (unparked.length > 0) {
      if (!unparked.some(mayChangeUnseen)) return;
      await new Promise((resolve) => REAL_TIMERS.setTimeout(resolve, 2));
      continue;
    }
    const idle = { kind: 'idle', requests: open, earliest: time.earliest() } as const;
    const report = JSON.stringify(idle);
    quietTurns = isThreadPoolBusy() || hasSystemRequests() || report !== previous ? 0 : quietTurns + 1;
    previous = report;
    if (quietTurns < IDLE_TURNS) {
      await nextTurn();
      continue;
    }
    reported = report;
    return tell(idle);
  }
}

const isParked = ({ id, receivedBytes }: WatchedRequest): boolean =>
  receivedBytes >= (PARKED_REQUESTS.get(id) ?? Number.POSITIVE_INFINITY);

/** The state of some requests may change without a call of `observe`. */
const mayChangeUnseen = ({ id, isArriving }: WatchedRequest): boolean => isArriving || PARKED_REQUESTS.has(id);

/** File operations and name look-ups run in the thread pool. */
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

/** The error ended this process, so the sandbox discards the instance. */
function die(error: InvocationError): void {
  running = false;
  tell({ kind: 'failed', error, fatal: true });
}

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
