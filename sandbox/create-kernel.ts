import { authorize } from './authorization/authorize.ts';
import { createClock, type SandboxClock, withoutHolds } from './kernel/clock.ts';
import { performCall } from './kernel/dispatch.ts';
import type { FaultRule, Kernel, Service } from './kernel/kernel.ts';
import { randomness } from './kernel/random.ts';
import { createServiceStates, type ServiceStates } from './kernel/states.ts';
import { administratorSession, assumeForService } from './services/sts/assume.ts';
import { issueCredentials } from './services/sts/credentials.ts';

export type KernelOptions = {
  readonly services: readonly Service[];
  readonly organization: { readonly id: string; readonly managementAccount: string };
  readonly partition: string;
  readonly seed: number;
  readonly virtual: boolean;
  readonly start: number | undefined;
  readonly faults: readonly FaultRule[];
  readonly staleReads: boolean;
};

export type WiredKernel = {
  readonly kernel: Kernel;
  readonly states: ServiceStates;
  /** Errors of background work that `settled()` has not thrown yet. */
  readonly failures: unknown[];
  /** Must be called when the server listens. */
  setEndpoint(endpoint: string): void;
};

export function createKernel(options: KernelOptions): WiredKernel {
  const { services, organization, partition } = options;
  const clock = createClock({ virtual: options.virtual, start: options.start });
  const serviceStates = createServiceStates(options.staleReads);
  const failures: unknown[] = [];
  let endpoint = '';
  const kernel: Kernel = {
    ...randomness(options.seed),
    clock,
    partition,
    organizationId: organization.id,
    services,
    calls: [],
    decisions: [],
    faults: [...options.faults],
    answers: [],
    get endpoint() {
      return endpoint;
    },
    state: (key, place) => serviceStates.current(key, place) as never,
    call: (principal, place, service, operation, input) => {
      const call = { principal, place, service: serviceNamed(services, service), operation, input };
      return performCall(kernel, serviceStates, call) as never;
    },
    authorize: (principal, place, need, service) => authorize(kernel, principal, place, need, service),
    assumeForService: (service, roleArn, sessionName, source) =>
      assumeForService(kernel, service, roleArn, sessionName, source),
    credentials: (principal, seconds) => issueCredentials(kernel, principal, seconds),
    background: (what, work) => runInBackground(clock, what, work, failures),
    administrator: (account) => administratorSession(kernel, account, organization.managementAccount),
  };
  const setEndpoint = (url: string) => {
    endpoint = url;
  };
  return { kernel, states: serviceStates, failures, setEndpoint };
}

function serviceNamed(services: readonly Service[], name: string): Service {
  const service = services.find((each) => each.name === name);
  if (service) return service;
  throw new Error(`The sandbox has no service "${name}"; it has ${services.map((each) => each.name).join(', ')}`);
}

function runInBackground(clock: SandboxClock, what: string, work: () => Promise<void>, failures: unknown[]): void {
  withoutHolds(() => clock.during(work)).catch((error) => failures.push(new Error(`${what} failed`, { cause: error })));
}
