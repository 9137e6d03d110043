/** The function instances of a sandbox: started on demand, kept warm, limited in number. */
import { randomUUID } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { AwsError, type InstanceRequest, type Kernel, type Principal } from '../kernel/kernel.ts';
import { authorizeDecryption, mayLog } from './as-role.ts';
import { instanceEnvironment } from './environment.ts';
import type { FunctionCode } from './function-code.ts';
import { Instance } from './instance.ts';
import { functionLogs } from './logs.ts';
import type { InvocationOutcome } from './running-invocation.ts';

export type FunctionInvocation = {
  readonly code: FunctionCode;
  readonly event: string;
  /** The ARN in the call, with the qualifier. */
  readonly invokedArn: string;
  readonly requestId: string;
  readonly caller?: Principal;
};

/** A diagnostics channel. Its messages are `InvocationEnd`s. */
export const INVOCATION_ENDED = 'sandbox:invocation-ended';
const invocationEnded = channel(INVOCATION_ENDED);
export type InvocationEnd = {
  readonly kernel: Kernel;
  readonly invocation: FunctionInvocation;
  readonly outcome: InvocationOutcome;
};

type PooledInstance = {
  readonly instance: Instance;
  readonly code: FunctionCode;
  readonly logStreamName: string;
  readonly accessKeyId: string;
  readonly expiresAt: number;
  busy: boolean;
};

type Pool = {
  limit: number;
  limitPerFunction: number;
  skewMs: (functionName: string) => number;
  readonly instances: Set<PooledInstance>;
  readonly principals: WeakSet<Principal>;
  readonly queue: { readonly code: FunctionCode; start(pooled: Promise<PooledInstance>): void }[];
};

const pools = new WeakMap<Kernel, Pool>();

const poolOf = (kernel: Kernel): Pool => {
  const known = pools.get(kernel);
  if (known) return known;
  const pool: Pool = {
    limit: 12,
    limitPerFunction: 3,
    skewMs: () => 0,
    instances: new Set(),
    principals: new WeakSet(),
    queue: [],
  };
  pools.set(kernel, pool);
  return pool;
};

/**
 * Limits the instances that exist at once (default 12), and those of one function (default 3): a start costs more than
 * most invocations, and there are few processors. Further invocations queue, except those that another function waits
 * for.
 */
export const limitInstances = (kernel: Kernel, limit: number, limitPerFunction = limit): void => {
  Object.assign(poolOf(kernel), { limit, limitPerFunction });
};

/**
 * Sets the clock skew of new instances. The sandbox refuses the signatures that AWS would refuse because of the skew.
 * @param skewMs returns the skew of each instance; positive: ahead
 * @throws Error if the clock is real
 */
export const skewClocks = (kernel: Kernel, skewMs: (functionName: string) => number): void => {
  if (!kernel.clock.virtual)
    throw new Error("A skew of function instances needs a virtual clock, but the sandbox's clock is real.");
  poolOf(kernel).skewMs = skewMs;
};

/**
 * Kills an instance. Returns false if it does not exist.
 * @param name the instance's access key, or its id. Its requests have the id in `INSTANCE_HEADER`, even those that an
 * assumed role signs
 */
export const killInstance = (kernel: Kernel, name: string): boolean => {
  const pool = poolOf(kernel);
  const pooled = [...pool.instances].find(({ accessKeyId, instance }) => name === accessKeyId || name === instance.id);
  if (pooled) void discard(pool, pooled);
  return pooled !== undefined;
};

/**
 * Marks a request of an instance as waiting for virtual time until the returned function is called.
 * @param sentBytes bytes that the sandbox has sent on the request's connection; the clock stops until they have arrived
 */
export function parkRequest(kernel: Kernel, { instance: id, request }: InstanceRequest, sentBytes = 0): () => void {
  const pooled = [...poolOf(kernel).instances].find(({ instance }) => instance.id === id);
  return pooled?.instance.park(request, sentBytes) ?? (() => {});
}

/** Ends the instances of one function, or of all. The next invocation starts a new one. */
export const stopFunctions = async (kernel: Kernel, functionName?: string): Promise<void> => {
  const pool = poolOf(kernel);
  const stopped = [...pool.instances].filter(({ code }) => functionName === undefined || code.name === functionName);
  await Promise.all(stopped.map((pooled) => discard(pool, pooled)));
};

export const runFunction = async (kernel: Kernel, invocation: FunctionInvocation): Promise<InvocationOutcome> => {
  const pool = poolOf(kernel);
  const { code, event, invokedArn, requestId, caller } = invocation;
  const isNested = caller !== undefined && pool.principals.has(caller);
  const pooled = await acquire(kernel, code, isNested);
  const context = {
    functionName: code.name,
    functionVersion: code.version,
    invokedFunctionArn: invokedArn,
    memoryLimitInMB: String(code.memoryMb),
    awsRequestId: requestId,
    logGroupName: code.logGroupName,
    logStreamName: pooled.logStreamName,
  };
  try {
    const outcome = await pooled.instance.run(event, context, code.timeoutSeconds * 1000);
    if (invocationEnded.hasSubscribers)
      invocationEnded.publish({ kernel, invocation, outcome } satisfies InvocationEnd);
    return outcome;
  } finally {
    returnToPool(kernel, pooled);
  }
};

/**
 * A nested invocation does not queue: the function that waits for it keeps its own instance, so both could wait
 * forever.
 */
const acquire = async (kernel: Kernel, code: FunctionCode, nested: boolean): Promise<PooledInstance> => {
  const pool = poolOf(kernel);
  const free = takeOrStart(kernel, code) ?? (nested ? start(kernel, code) : undefined);
  if (free) return free;
  return new Promise((resolve) => pool.queue.push({ code, start: resolve }));
};

const takeOrStart = (kernel: Kernel, code: FunctionCode): PooledInstance | undefined => {
  const pool = poolOf(kernel);
  const idle = [...pool.instances].filter((pooled) => !pooled.busy);
  const warm = idle.find((pooled) => runsCode(pooled, code) && pooled.expiresAt > kernel.clock.now() + LONGEST_RUN_MS);
  if (warm) {
    warm.busy = true;
    // Moves it to the end: the least recently used instance is discarded first.
    pool.instances.delete(warm);
    pool.instances.add(warm);
    return warm;
  }
  const sameFunction = [...pool.instances].filter((pooled) => runsCode(pooled, code) && pooled.busy);
  if (sameFunction.length >= pool.limitPerFunction) return undefined;
  for (const oldest of idle) if (pool.instances.size >= pool.limit) void discard(pool, oldest);
  return pool.instances.size < pool.limit ? start(kernel, code) : undefined;
};

const runsCode = ({ code }: PooledInstance, wanted: FunctionCode): boolean =>
  code.arn === wanted.arn && code.version === wanted.version && code.revision === wanted.revision;

/** Credentials must outlast the longest invocation, 15 minutes. */
const LONGEST_RUN_MS = 900_000;
const CREDENTIAL_SECONDS = 12 * 3600;

const start = (kernel: Kernel, code: FunctionCode): PooledInstance => {
  const pool = poolOf(kernel);
  const principal = assumeRole(kernel, code);
  authorizeDecryption(kernel, principal, code);
  const credentials = kernel.credentials(principal, CREDENTIAL_SECONDS);
  // Not from the seed: the number of instances depends on the machine's speed, and must not change other ids.
  const id = randomUUID();
  const day = new Date(kernel.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const logStreamName = `${day}/[${code.version}]${id.replaceAll('-', '')}`;
  const mayWrite = mayLog(kernel, principal, code, logStreamName);
  const instance = new Instance({
    clock: kernel.clock,
    data: {
      instance: id,
      directory: code.directory,
      handler: code.handler,
      endpoint: kernel.endpoint,
      skewMs: pool.skewMs(code.name),
    },
    environment: instanceEnvironment(code, logStreamName, kernel.endpoint, credentials),
    memoryMb: code.memoryMb,
    log: (line) => {
      if (mayWrite)
        functionLogs(kernel).push({ at: kernel.clock.now(), functionName: code.name, account: code.account, line });
    },
  });
  const expiresAt = kernel.clock.now() + CREDENTIAL_SECONDS * 1000;
  const pooled = { instance, code, logStreamName, accessKeyId: credentials.accessKeyId, expiresAt, busy: true };
  pool.instances.add(pooled);
  pool.principals.add(principal);
  return pooled;
};

const assumeRole = (kernel: Kernel, { role, name, arn }: FunctionCode): Principal => {
  try {
    return kernel.assumeForService('lambda.amazonaws.com', role, name, arn);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError('AccessDeniedException', 'The role defined for the function cannot be assumed by Lambda.', 403);
  }
};

const returnToPool = (kernel: Kernel, pooled: PooledInstance): void => {
  const pool = poolOf(kernel);
  pooled.busy = false;
  if (!pooled.instance.isAlive || pool.instances.size > pool.limit) void discard(pool, pooled);
  for (const waiting of [...pool.queue]) {
    const next = attempt(() => takeOrStart(kernel, waiting.code));
    if (!next) continue;
    pool.queue.splice(pool.queue.indexOf(waiting), 1);
    waiting.start(next);
  }
};

/** Turns a thrown error into a rejection. Returns undefined if there is no result. */
const attempt = <T>(work: () => T | undefined): Promise<T> | undefined => {
  try {
    const result = work();
    return result === undefined ? undefined : Promise.resolve(result);
  } catch (error) {
    return Promise.reject(error);
  }
};

const discard = async (pool: Pool, pooled: PooledInstance): Promise<void> => {
  pool.instances.delete(pooled);
  await pooled.instance.kill();
};
