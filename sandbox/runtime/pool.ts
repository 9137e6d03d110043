/** The function instances of a sandbox: started when needed, kept warm, limited in number. */
import { randomUUID } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { AwsError, type Kernel, type Principal } from '../kernel/kernel.ts';
import { decryptEnvironment, mayLog } from './as-role.ts';
import { environmentOf } from './environment.ts';
import { type Instance, type Outcome, startInstance } from './instance.ts';
import { logs } from './logs.ts';

/** What an instance is made from: one version of a function. */
export type FunctionCode = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly version: string;
  /** Differs after every change of code or configuration. */
  readonly revision: string;
  readonly arn: string;
  readonly role: string;
  readonly directory: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly logGroupName: string;
  /** Of the key that encrypts the environment. */
  readonly keyArn?: string;
  readonly variables: Readonly<Record<string, string>>;
};

export type Invocation = {
  readonly code: FunctionCode;
  /** The event, as JSON. */
  readonly event: string;
  /** As it was invoked, with the qualifier. */
  readonly invokedArn: string;
  readonly requestId: string;
  /** Who invokes, where that may be another function's instance. */
  readonly caller?: Principal;
};

/** Who subscribes to this diagnostics channel hears of each invocation that ended, as an `Invoked`. */
export const SANDBOX_INVOKED = 'sandbox:invoked';
const invoked = channel(SANDBOX_INVOKED);
export type Invoked = { readonly kernel: Kernel; readonly invocation: Invocation; readonly outcome: Outcome };

type Pooled = {
  readonly instance: Instance;
  readonly code: FunctionCode;
  readonly logStreamName: string;
  readonly accessKeyId: string;
  readonly expiresAt: number;
  busy: boolean;
};

type Pool = {
  limit: number;
  ofOneFunction: number;
  /** Milliseconds by which the clock of a function's next instance is ahead. */
  skew: (functionName: string) => number;
  readonly instances: Set<Pooled>;
  readonly principals: WeakSet<Principal>;
  readonly queue: { readonly code: FunctionCode; start(pooled: Promise<Pooled>): void }[];
};

const pools = new WeakMap<Kernel, Pool>();

const poolOf = (kernel: Kernel): Pool => {
  const known = pools.get(kernel);
  if (known) return known;
  const made: Pool = {
    limit: 12,
    ofOneFunction: 3,
    skew: () => 0,
    instances: new Set(),
    principals: new WeakSet(),
    queue: [],
  };
  pools.set(kernel, made);
  return made;
};

/**
 * At most so many instances at once (default 12), and so many of one function (default 3): a start costs more than most
 * invocations, and there are few processors. Further invocations wait; those that another function waits for do not.
 */
export const limitInstances = (kernel: Kernel, limit: number, ofOneFunction = limit): void => {
  Object.assign(poolOf(kernel), { limit, ofOneFunction });
};

/**
 * From now on the clocks of new instances are off: each by so many milliseconds (ahead where positive) as `next`
 * says for one of that function. Every signature that AWS would refuse for it is refused. Only where the sandbox's own clock is virtual.
 */
export const skewClocks = (kernel: Kernel, next: (functionName: string) => number): void => {
  if (!kernel.clock.virtual)
    throw new Error('Only beside a virtual clock can the clocks of function instances be off.');
  poolOf(kernel).skew = next;
};

/**
 * Kills one instance at once; false when there is none.
 * @param name its access key, or its id: the value of the header `instanceHeader`, which its requests carry also when
 *   they are signed by a role that the function has assumed
 */
export const killInstanceOf = (kernel: Kernel, name: string): boolean => {
  const pool = poolOf(kernel);
  const pooled = [...pool.instances].find(({ accessKeyId, instance }) => name === accessKeyId || name === instance.id);
  if (pooled) void discard(pool, pooled);
  return pooled !== undefined;
};

/** One request of an instance waits for the sandbox's time, until the returned function is called. */
export function parkInstance(kernel: Kernel, id: string): ReturnType<Instance['park']> {
  const pooled = [...poolOf(kernel).instances].find(({ instance }) => instance.id === id);
  return pooled?.instance.park() ?? (() => {});
}

/** Ends every instance. */
export const stopFunctions = async (kernel: Kernel): Promise<void> => {
  const pool = poolOf(kernel);
  await Promise.all([...pool.instances].map((pooled) => discard(pool, pooled)));
};

/** Runs one invocation, on a warm instance where there is one. */
export const runFunction = async (kernel: Kernel, invocation: Invocation): Promise<Outcome> => {
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
    if (invoked.hasSubscribers) invoked.publish({ kernel, invocation, outcome } satisfies Invoked);
    return outcome;
  } finally {
    giveBack(kernel, pooled);
  }
};

/** A function that waits for another one keeps its instance: were that one to queue behind it, neither would go on. */
const acquire = async (kernel: Kernel, code: FunctionCode, nested: boolean): Promise<Pooled> => {
  const pool = poolOf(kernel);
  const free = takeFree(kernel, code) ?? (nested ? start(kernel, code) : undefined);
  if (free) return free;
  return new Promise((resolve) => pool.queue.push({ code, start: resolve }));
};

const takeFree = (kernel: Kernel, code: FunctionCode): Pooled | undefined => {
  const pool = poolOf(kernel);
  const idle = [...pool.instances].filter((pooled) => !pooled.busy);
  const warm = idle.find((pooled) => isOf(pooled, code) && pooled.expiresAt > kernel.clock.now() + maxRunMs);
  if (warm) {
    warm.busy = true;
    // Last in order: what was used longest ago goes first when room is needed.
    pool.instances.delete(warm);
    pool.instances.add(warm);
    return warm;
  }
  const sameFunction = [...pool.instances].filter((pooled) => isOf(pooled, code) && pooled.busy);
  if (sameFunction.length >= pool.ofOneFunction) return undefined;
  for (const oldest of idle) if (pool.instances.size >= pool.limit) void discard(pool, oldest);
  return pool.instances.size < pool.limit ? start(kernel, code) : undefined;
};

const isOf = ({ code }: Pooled, wanted: FunctionCode): boolean =>
  code.arn === wanted.arn && code.version === wanted.version && code.revision === wanted.revision;

/** Credentials must outlast the longest invocation, 15 minutes. */
const maxRunMs = 900_000;
const credentialSeconds = 12 * 3600;

const start = (kernel: Kernel, code: FunctionCode): Pooled => {
  const pool = poolOf(kernel);
  const principal = assumeRole(kernel, code);
  decryptEnvironment(kernel, principal, code);
  const credentials = kernel.credentials(principal, credentialSeconds);
  // Not from the seed: how many instances are started depends on the machine's speed, and must not change other ids.
  const id = randomUUID();
  const day = new Date(kernel.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const logStreamName = `${day}/[${code.version}]${id.replaceAll('-', '')}`;
  const logged = mayLog(kernel, principal, code, logStreamName);
  const instance = startInstance({
    clock: kernel.clock,
    data: {
      instance: id,
      directory: code.directory,
      handler: code.handler,
      endpoint: kernel.endpoint,
      skew: pool.skew(code.name),
    },
    environment: environmentOf(code, logStreamName, kernel.endpoint, credentials),
    memoryMb: code.memoryMb,
    log: (line) => {
      if (logged) logs(kernel).push({ at: kernel.clock.now(), functionName: code.name, account: code.account, line });
    },
  });
  const expiresAt = kernel.clock.now() + credentialSeconds * 1000;
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

const giveBack = (kernel: Kernel, pooled: Pooled): void => {
  const pool = poolOf(kernel);
  pooled.busy = false;
  if (!pooled.instance.alive() || pool.instances.size > pool.limit) void discard(pool, pooled);
  for (const waiting of [...pool.queue]) {
    const next = attempt(() => takeFree(kernel, waiting.code));
    if (!next) continue;
    pool.queue.splice(pool.queue.indexOf(waiting), 1);
    waiting.start(next);
  }
};

/** The result, or the error, as a promise; nothing where there is no result. */
const attempt = <T>(work: () => T | undefined): Promise<T> | undefined => {
  try {
    const result = work();
    return result === undefined ? undefined : Promise.resolve(result);
  } catch (error) {
    return Promise.reject(error);
  }
};

const discard = async (pool: Pool, pooled: Pooled): Promise<void> => {
  pool.instances.delete(pooled);
  await pooled.instance.kill();
};
