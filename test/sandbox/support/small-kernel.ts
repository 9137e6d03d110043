/**
 * For single services: state, a clock that tests move, calls straight to the operations. It allows every action that
 * `refuses` does not contain, and keeps every need in `needed`.
 */
import type { SandboxClock } from '../../../sandbox/kernel/clock.ts';
import {
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type Service,
  type StateKey,
} from '../../../sandbox/kernel/kernel.ts';
import { callOperation } from './call-operation.ts';

export const HOME: AwsPlace = { partition: 'aws', account: '111122223333', region: 'us-east-1' };

export type SmallKernel = Kernel & {
  readonly needed: Need[];
  readonly refuses: Set<string>;
  as<T = any>(service: string, operation: string, input: unknown, place?: AwsPlace): Promise<T>;
};

export function smallKernel(...services: Service<any, any>[]): SmallKernel {
  const states = new Map<string, unknown>();
  let created = 0;
  const kernel: SmallKernel = {
    clock: manualClock(),
    partition: 'aws',
    organizationId: 'o-exampleorgid',
    endpoint: 'http://127.0.0.1:0',
    calls: [],
    decisions: [],
    answers: [],
    faults: [],
    needed: [],
    refuses: new Set(),
    services,
    random: () => 0.5,
    id: (prefix, digits) => prefix + (++created).toString(16).padStart(digits, '0'),
    pinId: () => {},
    uuid: () => `00000000-0000-4000-8000-${(++created).toString(16).padStart(12, '0')}`,
    state<S>(stateKey: StateKey<S>, place: AwsPlace): S {
      const { account, region } = place;
      const where = { region: [account, region], account: [account], partition: [] }[stateKey.scope];
      const key = [stateKey.name, ...where].join('/');
      if (!states.has(key)) states.set(key, stateKey.state(place));
      return states.get(key) as S;
    },
    call: (...call) => callOperation(kernel, ...call),
    authorize(principal, place, need) {
      kernel.needed.push(need);
      if (kernel.refuses.has(need.action))
        throw new AwsError('AccessDeniedException', `not authorized to perform: ${need.action}`);
      const who = 'arn' in principal ? principal.arn : principal.service;
      return { action: need.action, resource: need.resource, principal: who, ...place, decision: 'Allow', by: [] };
    },
    assumeForService: (service, _role, _session, source) => ({
      kind: 'service',
      service,
      account: HOME.account,
      source,
    }),
    credentials: () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' }),
    background: (_what, work) => void work(),
    administrator: (account): Principal => ({ kind: 'root', arn: `arn:aws:iam::${account}:root`, account }),
    as: (service, operation, input, place = HOME) =>
      kernel.call(kernel.administrator!(place.account), place, service, operation, input),
  };
  return kernel;
}

/** Stays at 2026-01-01 until a test advances it. */
function manualClock(): SandboxClock {
  let now = Date.UTC(2026, 0, 1);
  const timers: { at: number; fire: () => void }[] = [];
  const clock: SandboxClock = {
    virtual: true,
    now: () => now,
    after(ms, fire) {
      const timer = { at: now + ms, fire };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
    sleep: (ms) => new Promise((done) => clock.after(ms, done)),
    pass: (ms) => clock.sleep(ms),
    hold: () => ({ release: () => {} }),
    during: (work) => work(),
    async advance(ms) {
      const until = now + ms;
      for (let next = due(until); next; next = due(until)) {
        now = next.at;
        next.fire();
      }
      now = until;
    },
    async at(time, work) {
      const before = now;
      now = time;
      const result = await work();
      now = before;
      return result;
    },
    reset(time) {
      timers.length = 0;
      now = time;
    },
    followRealTime: async () => {},
    settled: async () => {},
    close: () => {},
  };
  const due = (until: number) => {
    const next = timers.sort((a, b) => a.at - b.at).find(({ at }) => at <= until);
    if (next) timers.splice(timers.indexOf(next), 1);
    return next;
  };
  return clock;
}
