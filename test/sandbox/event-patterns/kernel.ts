/** A kernel as small as the tests of messaging services need: a virtual clock, and calls decided by one predicate. */
import type { Clock } from '../../../sandbox/kernel/clock.ts';
import {
  type At,
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type Service,
} from '../../../sandbox/kernel/kernel.ts';

export const account = '111122223333';
export const place: AwsPlace = { partition: 'aws', account, region: 'eu-west-1' };
export const admin: Principal = { kind: 'root', arn: `arn:aws:iam::${account}:root`, account };

export type TestKernel = Kernel & {
  readonly clock: Clock;
  /** Every need that was decided. */
  readonly needs: (Need & { principal: Principal })[];
  /** Denies the needs for which it answers true. */
  denies: (need: Need, principal: Principal) => boolean;
  /** Runs an operation as the account's root. */
  do<O = any>(service: string, operation: string, input?: object, where?: AwsPlace): Promise<O>;
  /** Lets everything that is under way end. */
  settle(): Promise<void>;
};

export function testKernel(services: readonly Service[], startAt = Date.UTC(2026, 10, 1, 12)): TestKernel {
  const states = new Map<string, unknown>();
  const works: Promise<void>[] = [];
  const clock = testClock(startAt);
  let count = 0;
  const next = (digits: number) => (++count).toString(16).padStart(digits, '0');
  const serviceNamed = (name: string) => {
    const service = services.find((one) => one.name === name);
    if (!service) throw new AwsError('NotModelled', `The sandbox does not model ${name}.`, 501);
    return service;
  };

  const kernel: TestKernel = {
    clock,
    services,
    partition: 'aws',
    organizationId: 'o-test',
    endpoint: 'http://127.0.0.1:4566',
    calls: [],
    decisions: [],
    faults: [],
    needs: [],
    denies: () => false,
    random: () => 0.5,
    id: (prefix, digits) => prefix + next(digits),
    pinId: () => {},
    uuid: () => `00000000-0000-4000-8000-${next(12)}`,
    state: (service, at) => {
      const key = [service.name, at.account, at.region].join();
      if (!states.has(key)) states.set(key, service.state(at));
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
    call: async (principal, where, name, operation, input) => {
      const service = serviceNamed(name);
      const at: At<any> = {
        ...where,
        kernel,
        principal,
        requestId: kernel.uuid(),
        state: kernel.state(service, where),
      };
      const found = (service.operations as Record<string, any>)[operation];
      if (!found) throw new AwsError('NotModelled', `The sandbox does not model ${name}:${operation}.`, 501);
      const needs: Need[] = found.needs?.(input, at) ?? [{ action: `${service.prefix}:${operation}`, resource: '*' }];
      for (const need of needs) kernel.authorize(principal, where, need);
      return found.run(input, at) as never;
    },
    assumeForService: (service, role, sessionName) => {
      const need = { action: 'sts:AssumeRole', resource: role };
      kernel.authorize({ kind: 'service', service, account }, place, need);
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
    do: (service, operation, input = {}, where = place) =>
      kernel.call(admin, where, service, operation, input) as never,
    settle: async () => {
      while (works.length > 0) await works.shift();
    },
  };
  return kernel;
}

/** A clock that stands still but for `advance`. */
function testClock(startAt: number): Clock {
  let now = startAt;
  const timers = new Set<{ due: number; fire: () => void }>();
  const clock: Clock = {
    virtual: true,
    now: () => now,
    after: (ms, fire) => {
      const timer = { due: now + ms, fire };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    sleep: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
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
    settled: async () => {},
    close: () => timers.clear(),
  };
  return clock;
}

const drain = () => new Promise<void>((resolve) => setImmediate(resolve));
