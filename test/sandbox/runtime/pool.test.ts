import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Kernel } from '../../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../../sandbox/runtime/logs.ts';
import { killInstance, limitInstances, runFunction, skewClocks, stopFunctions } from '../../../sandbox/runtime/pool.ts';
import { fakeKernel, functionCode, NOON } from '../support/runtime-kernel.ts';

const STARTED: Kernel[] = [];
const sandbox = (parts?: Partial<Kernel>): Kernel => {
  const kernel = fakeKernel(parts);
  STARTED.push(kernel);
  return kernel;
};
afterEach(async () => {
  for (const kernel of STARTED.splice(0)) await stopFunctions(kernel);
});

type Code = ReturnType<typeof functionCode>;
const run = (kernel: Kernel, code: Code, event: unknown = {}) =>
  runFunction(kernel, { code, event: JSON.stringify(event), invokedArn: code.arn, requestId: 'request-1' });

const answer = async (kernel: Kernel, code: Code, event?: unknown): Promise<unknown> => {
  const outcome = await run(kernel, code, event);
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.error));
  return JSON.parse(outcome.payload);
};
const failure = async (kernel: Kernel, code: Code) => {
  const outcome = await run(kernel, code);
  if (outcome.kind === 'done') throw new Error(`ended well with ${outcome.payload}`);
  return outcome.error;
};

describe('an invocation', () => {
  it('passes event and context to the handler, and returns its answer', async () => {
    const code = functionCode(`export const handler = async (event, context) => ({
      greeting: 'Hello ' + event.name,
      remaining: context.getRemainingTimeInMillis(),
      name: context.functionName, version: context.functionVersion, arn: context.invokedFunctionArn,
      memory: context.memoryLimitInMB, request: context.awsRequestId, group: context.logGroupName,
    })`);
    expect(await answer(sandbox(), code, { name: 'Ada' })).toEqual({
      greeting: 'Hello Ada',
      remaining: 30_000,
      name: 'greet',
      version: '$LATEST',
      arn: code.arn,
      memory: '256',
      request: 'request-1',
      group: '/aws/lambda/greet',
    });
  });

  it('returns null if the handler returns nothing', async () => {
    expect(await answer(sandbox(), functionCode('export const handler = async () => {}'))).toBeNull();
  });

  it("has the environment of Lambda and none of the host's variables", async () => {
    process.env.HOST_SECRET = 'of the host';
    const code = functionCode('export const handler = async () => process.env', { variables: { TABLE: 'ledger' } });
    const environment = await answer(sandbox({ endpoint: 'http://127.0.0.1:4510' }), code);
    delete process.env.HOST_SECRET;
    expect(environment).toMatchObject({
      TABLE: 'ledger',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'greet',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_ACCESS_KEY_ID: 'AKIA1',
      AWS_SESSION_TOKEN: 'token',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4510',
      AWS_ENDPOINT_URL_S3: 'http://localhost:4510',
      AWS_ENDPOINT_URL_S3_CONTROL: 'http://localhost:4510',
      _HANDLER: 'index.handler',
    });
    expect(environment).not.toHaveProperty('HOST_SECRET');
    expect(environment).not.toHaveProperty('PATH');
    expect(environment).not.toHaveProperty('NODE_COMPILE_CACHE');
  });

  it("keeps the function's output as log lines", async () => {
    const kernel = sandbox();
    await run(
      kernel,
      functionCode("export const handler = async () => { console.log('one\\ntwo'); console.error('three') }"),
    );
    expect(functionLogs(kernel)).toEqual(
      ['one', 'two', 'three'].map((line) => ({ at: NOON, functionName: 'greet', account: '111111111111', line })),
    );
  });
});

describe('time inside a function', () => {
  it('is the clock of the sandbox, by every API', async () => {
    const code = functionCode(`export const handler = async () => [
      Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date, new Date().constructor === Date,
    ]`);
    expect(await answer(sandbox(), code)).toEqual([NOON, NOON, 5, true, true]);
  });

  it.each([
    ['setTimeout', 'await new Promise((resolve) => setTimeout(resolve, 3_600_000))'],
    [
      'setInterval',
      'await new Promise((resolve) => { let n = 0; const i = setInterval(() => ++n === 60 && resolve(clearInterval(i)), 60_000) })',
    ],
    ['node:timers', 'await new Promise((resolve) => { timers.setTimeout(resolve, 3_600_000) })'],
    ['node:timers/promises', 'await promises.setTimeout(3_600_000)'],
    ['promisified', 'await promisify(setTimeout)(3_600_000)'],
    [
      'AbortSignal',
      "await new Promise((resolve) => AbortSignal.timeout(3_600_000).addEventListener('abort', resolve))",
    ],
  ])('an hour by %s takes no real time', async (_, wait) => {
    const kernel = sandbox();
    const code = functionCode(
      `import timers from 'node:timers'; import * as promises from 'node:timers/promises'; import { promisify } from 'node:util';
       export const handler = async () => { const start = Date.now(); ${wait}; return Date.now() - start }`,
      { timeoutSeconds: 3601 },
    );
    expect(await answer(kernel, code)).toBe(3_600_000);
    expect(kernel.clock.now()).toBe(NOON + 3_600_000);
  });

  it('has the clock skew of its instance, at the same speed', async () => {
    const kernel = sandbox();
    skewClocks(kernel, (name) => (name === 'greet' ? -300_000 : 0));
    const source = `export const handler = async (_, context) => {
      const start = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      return [start, Date.now(), context.getRemainingTimeInMillis()];
    }`;
    expect(await answer(kernel, functionCode(source))).toEqual([NOON - 300_000, NOON - 290_000, 20_000]);
    expect(kernel.clock.now()).toBe(NOON + 10_000);
    expect(await answer(kernel, functionCode(source, { name: 'other' }))).toEqual([
      NOON + 10_000,
      NOON + 20_000,
      20_000,
    ]);
  });

  it('fires timers in order, and no cleared one', async () => {
    const code = functionCode(`export const handler = async () => {
      const fired = [];
      clearTimeout(setTimeout(() => fired.push('cleared'), 10));
      clearTimeout(+setTimeout(() => fired.push('cleared by number'), 10));
      setTimeout(() => fired.push('second'), 20);
      setTimeout(() => fired.push('first'), 10);
      await new Promise((resolve) => setTimeout(resolve, 30));
      return fired;
    }`);
    expect(await answer(sandbox(), code)).toEqual(['first', 'second']);
  });

  it('stands still while a request is open, whatever timers are pending', async () => {
    const server = createServer((_, response) => setTimeout(() => response.end('late'), 30)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const code = functionCode(`import { get } from 'node:http';
      export const handler = async () => {
        const timers = [100, 1000].map((ms) => setTimeout(() => {}, ms));
        const text = await new Promise((resolve, reject) => get('http://api.localhost:${port}', (response) => {
          let body = '';
          response.on('data', (chunk) => { body += chunk }).on('end', () => resolve(body));
        }).on('error', reject));
        timers.forEach(clearTimeout);
        return [text, Date.now()];
      }`);
    expect(await answer(sandbox(), code)).toEqual(['late', NOON]);
    server.close();
  });

  it.each([
    ['zlib', 'promisify(zlib.gzip)(crypto.randomBytes(300_000), { level: 9 })'],
    ['a zlib stream', 'buffer(Readable.from(crypto.randomBytes(300_000)).pipe(zlib.createBrotliCompress()))'],
    ['crypto', "promisify(crypto.pbkdf2)('a', 'salt', 100_000, 64, 'sha512')"],
    ['key generation', "promisify(crypto.generateKeyPair)('rsa', { modulusLength: 2048 })"],
    [
      'web crypto',
      "crypto.subtle.generateKey({ name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, ['sign'])",
    ],
  ])('stands still while %s works in the thread pool', async (_, work) => {
    const code = functionCode(`
      import crypto from 'node:crypto';
      import { Readable } from 'node:stream';
      import { buffer } from 'node:stream/consumers';
      import { promisify } from 'node:util';
      import zlib from 'node:zlib';
      export const handler = () => Promise.race([
        (${work}).then(() => 'work'),
        new Promise((resolve) => setTimeout(() => resolve('timer'), 1000)),
      ])`);
    expect(await answer(sandbox(), code)).toBe('work');
  });

  it('keeps timers of an earlier invocation for the next one, and settles without them', async () => {
    const kernel = sandbox();
    const code = functionCode(
      `let fired = 0;
      export const handler = async (event) => {
        if (event.start) { setTimeout(() => { fired += 1 }, 60_000); return }
        await new Promise((resolve) => setTimeout(resolve, 90_000));
        return fired;
      }`,
      { timeoutSeconds: 100 },
    );
    await run(kernel, code, { start: true });
    await kernel.clock.settled();
    expect(kernel.clock.now()).toBe(NOON);
    expect(await answer(kernel, code)).toBe(1);
  });
});

describe('a failure', () => {
  it('of the handler names the error, and the instance stays', async () => {
    const kernel = sandbox();
    const code = functionCode(`let calls = 0; class Busy extends Error { name = 'ResourceBusy' }
      export const handler = async () => { calls += 1; throw new Busy('try again ' + calls) }`);
    expect(await failure(kernel, code)).toMatchObject({ errorType: 'ResourceBusy', errorMessage: 'try again 1' });
    const second = await failure(kernel, code);
    expect(second.errorMessage).toBe('try again 2');
    expect(second.trace?.[0]).toBe('ResourceBusy: try again 2');
  });

  it.each([
    ['a value that is not an Error', "export const handler = async () => { throw 'text' }", 'string', 'text'],
    [
      'a missing handler',
      'export const other = 1',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    ['a bundle that throws', "throw new TypeError('at load')", 'TypeError', 'at load'],
    [
      'process.exit',
      'export const handler = () => process.exit(3)',
      'Runtime.ExitError',
      'RequestId: request-1 Error: Runtime exited with error: exit status 3',
    ],
    [
      'an exit without reason',
      'export const handler = () => process.exit()',
      'Runtime.ExitError',
      'RequestId: request-1 Error: Runtime exited without providing a reason',
    ],
    [
      'too little memory',
      // Small objects: a thread that needs much memory at once can end the whole process.
      'export const handler = async () => { let last; while (true) last = { last } }',
      'Runtime.ExitError',
      'RequestId: request-1 Error: Runtime exited with error: signal: killed',
    ],
    [
      'an exception outside of the handler',
      "export const handler = () => new Promise(() => setImmediate(() => { throw new RangeError('gone') }))",
      'RangeError',
      'gone',
    ],
    [
      'an unhandled rejection',
      "export const handler = () => new Promise(() => { Promise.reject(new Error('lost')) })",
      'Runtime.UnhandledPromiseRejection',
      'lost',
    ],
    [
      'a promise that never ends',
      'export const handler = () => new Promise(() => {})',
      'Sandbox.Timedout',
      'RequestId: request-1 Error: Task timed out after 30.00 seconds',
    ],
    [
      'a timer beyond the time-out',
      'export const handler = () => new Promise((resolve) => setTimeout(resolve, 31_000))',
      'Sandbox.Timedout',
      'RequestId: request-1 Error: Task timed out after 30.00 seconds',
    ],
    [
      'an answer above 6 MB',
      "export const handler = async () => 'x'.repeat(6_291_556)",
      'Function.ResponseSizeTooLarge',
      'Response payload size (6291558 bytes) exceeded maximum allowed payload size (6291556 bytes).',
    ],
  ])('by %s', async (_, source, errorType, errorMessage) => {
    const kernel = sandbox();
    const code = functionCode(source, { memoryMb: 16 });
    expect(await failure(kernel, code)).toMatchObject({ errorType, errorMessage });
    await kernel.clock.settled();
  });

  it('that ends the process ends the instance', async () => {
    const kernel = sandbox();
    const code = functionCode(`let calls = 0;
      export const handler = async (event) => { calls += 1; if (event.exit) process.exit(1); return calls }`);
    expect(await answer(kernel, code)).toBe(1);
    await run(kernel, code, { exit: true });
    expect(await answer(kernel, code)).toBe(1);
  });

  it('by a kill ends the instance with that access key', async () => {
    const kernel = sandbox();
    const code = functionCode('export const handler = () => new Promise((resolve) => setTimeout(resolve, 20_000))');
    kernel.clock.after(10_000, () => expect(killInstance(kernel, 'AKIA1')).toBe(true));
    expect(await failure(kernel, code)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: signal: killed',
    });
    expect(killInstance(kernel, 'AKIA1')).toBe(false);
  });
});

describe('instances', () => {
  const counter = 'let calls = 0; export const handler = async () => ++calls';

  it('are kept warm, one for each version and revision', async () => {
    const kernel = sandbox();
    const code = functionCode(counter);
    expect(await answer(kernel, code)).toBe(1);
    expect(await answer(kernel, code)).toBe(2);
    expect(await answer(kernel, { ...code, revision: '2' })).toBe(1);
    expect(await answer(kernel, { ...code, version: '1' })).toBe(1);
  });

  it('run invocations in parallel, with separate globals', async () => {
    const kernel = sandbox();
    const code = functionCode(`let calls = 0;
      export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 1000)); return ++calls }`);
    expect(await Promise.all([answer(kernel, code), answer(kernel, code)])).toEqual([1, 1]);
    expect(kernel.clock.now()).toBe(NOON + 1000);
  });

  it('are limited in number: further invocations queue', async () => {
    const kernel = sandbox();
    limitInstances(kernel, 1);
    const code = functionCode('export const handler = () => new Promise((resolve) => setTimeout(resolve, 1000))');
    await Promise.all([run(kernel, code), run(kernel, code), run(kernel, functionCode(counter, { name: 'other' }))]);
    expect(kernel.clock.now()).toBe(NOON + 2000);
  });

  it('that are idle are discarded when the limit is lowered', async () => {
    const kernel = sandbox();
    const code = functionCode('export const handler = () => new Promise((resolve) => setTimeout(resolve, 1000))');
    await Promise.all([run(kernel, code), run(kernel, code), run(kernel, code)]);
    limitInstances(kernel, 1);
    expect(await answer(kernel, functionCode(counter, { name: 'other' }))).toBe(1);
  });

  it('of one function are limited in number: its further invocations queue', async () => {
    const kernel = sandbox();
    limitInstances(kernel, 10, 2);
    const code = functionCode('export const handler = () => new Promise((resolve) => setTimeout(resolve, 1000))');
    await Promise.all([run(kernel, code), run(kernel, code), run(kernel, code), run(kernel, code)]);
    expect(kernel.clock.now()).toBe(NOON + 2000);
  });
});
