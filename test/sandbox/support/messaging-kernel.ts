/** For messaging services: a virtual clock, and calls decided by one predicate. */
import { expect } from 'vitest';
import type { SandboxClock } from '../../../sandbox/kernel/clock.ts';
import {
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type Service,
} from '../../../sandbox/kernel/kernel.ts';
import { callOperation } from './call-operation.ts';

export const TEST_ACCOUNT = '111122223333';
export const TEST_PLACE: AwsPlace = { partition: 'aws', account: TEST_ACCOUNT, region: 'eu-west-1' };
export const TEST_ROOT: Principal = { kind: 'root', arn: `arn:aws:iam::${TEST_ACCOUNT}:root`, account: TEST_ACCOUNT };

export type TestKernel = Kernel & {
  readonly clock: SandboxClock;
  readonly needs: (Need & { principal: Principal })[];
  denies: (need: Need, principal: Principal) => boolean;
  do<O = any>(service: string, operation: string, input?: object, where?: AwsPlace): Promise<O>;
  settle(): Promise<void>;
};

export function testKernel(services: readonly Service[], startAt = Date.UTC(2026, 10, 1, 12)): TestKernel {
  const states = new Map<string, unknown>();
  const works: Promise<void>[] = [];
  const clock = testClock(startAt);
  let count = 0;
  const next = (digits: number) => (++count).toString(16).padStart(digits, '0');

  const kernel: TestKernel = {
    clock,
    services,
    partition: 'aws',
    organizationId: 'o-test',
    endpoint: 'http://127.0.0.1:4566',
    calls: [],
    decisions: [],
    answers: [],
    faults: [],
    needs: [],
    denies: () => false,
    random: () => 0.5,
    id: (prefix, digits) => prefix + next(digits),
    pinId: () => {},
    uuid: () => `00000000-0000-4000-8000-${next(12)}`,
    state: (stateKey, at) => {
      const key = [stateKey.name, at.account, at.region].join();
      if (!states.has(key)) states.set(key, stateKey.state(at));
      return states.get(key) as never;
    },
    authorize: (principal, at, need) => {
      kernel.needs.push({ ...need, principal });
      if (kernel.denies(need, principal))
        throw new AwsError(
          'AccessDenied',
          `User is not authorized to perform: ${need.action} on resource: ${need.resource}`,
          403,
        );
      return { ...need, ...at, principal: principal.account, decision: 'Allow', by: [] };
    },
    call: (...call) => callOperation(kernel, ...call) as never,
    assumeForService: (service, role, sessionName) => {
      const need = { action: 'sts:AssumeRole', resource: role };
      kernel.authorize({ kind: 'service', service, account: TEST_ACCOUNT }, TEST_PLACE, need);
      return {
        kind: 'session',
        arn: `${role}/${sessionName}`,
        account: role.split(':')[4]!,
        role,
        userId: 'AROA',
        sessionTags: {},
        issuedAt: 0,
      };
    },
    credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    background: (_, work) => {
      works.push(Promise.resolve().then(work));
    },
    do: (service, operation, input = {}, where = TEST_PLACE) =>
      kernel.call(TEST_ROOT, where, service, operation, input) as never,
    settle: async () => {
      while (works.length > 0) await works.shift();
    },
  };
  return kernel;
}

export const testQueueArn = (name: string): string => `arn:aws:sqs:eu-west-1:${TEST_ACCOUNT}:${name}`;

/** Matches an AwsError with this code, whose message contains the text. */
export const errorWith = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

/** Receives up to ten messages of a queue, with their attributes. */
export async function receivedFrom(kernel: TestKernel, queue: string): Promise<any[]> {
  const QueueUrl = `http://x/${TEST_ACCOUNT}/${queue}`;
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  return (await kernel.do('sqs', 'ReceiveMessage', input)).Messages ?? [];
}

/** Only `advance` moves this clock. */
function testClock(startAt: number): SandboxClock {
  let now = startAt;
  const timers = new Set<{ due: number; fire: () => void }>();
  const clock: SandboxClock = {
    virtual: true,
    now: () => now,
    after: (ms, fire) => {
      const timer = { due: now + ms, fire };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    sleep: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    pass: (ms) => clock.sleep(ms),
    hold: () => ({ release: () => {} }),
    during: (work) => work(),
    advance: async (ms) => {
      const end = now + ms;
      for (;;) {
        await drain();
        const [first] = [...timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due);
        if (!first) break;
        timers.delete(first);
        now = Math.max(now, first.due);
        first.fire();
      }
      now = end;
      await drain();
    },
    at: async (time, work) => {
      const before = now;
      now = time;
      const result = await work();
      now = before;
      return result;
    },
    reset(time) {
      timers.clear();
      now = time;
    },
    followRealTime: async () => {},
    settled: async () => {},
    close: () => timers.clear(),
  };
  return clock;
}

const drain = () => new Promise<void>((resolve) => setImmediate(resolve));
