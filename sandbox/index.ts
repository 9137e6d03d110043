/**
 * The sandbox: an AWS organization in one process. It executes synthesized templates and built bundles, answers real SDK
 * clients and the AWS CLI over HTTP on 127.0.0.1, and lets IAM decide every call.
 */
import { channel } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import { authorize } from './authorization/authorize.ts';
import { type DeployedStack, deployAssembly } from './cloudformation/index.ts';
import { type InProcessHandler, inProcess } from './in-process.ts';
import { apartFromHolds, createClock } from './kernel/clock.ts';
import { SANDBOX_CLOSES } from './kernel/closing.ts';
import { perform } from './kernel/dispatch.ts';
import type { FaultRule, Kernel, Principal, Service } from './kernel/kernel.ts';
import { randomness } from './kernel/random.ts';
import { type Snapshot, states } from './kernel/states.ts';
import { refill } from './kernel/throttle.ts';
import { answering, listen } from './server.ts';
import { services } from './services/index.ts';
import { stopFunctions } from './services/lambda/index.ts';
import { type OrganizationOptions, setUpOrganization } from './services/organizations/index.ts';
import { administratorOf, assumeForService, credentialsFor } from './services/sts/index.ts';
import { createWire } from './wire/wire.ts';

const closing = channel(SANDBOX_CLOSES);

export type SandboxOptions = {
  readonly organization: OrganizationOptions;
  /** The Region of calls that have none, and of everything that AWS keeps in one place. */
  readonly homeRegion: string;
  /** Everything random derives from it. Default 1. */
  readonly seed?: number;
  /** A virtual clock jumps over every wait. Default true. */
  readonly virtual?: boolean;
  /** Milliseconds since 1970 at which a virtual clock begins. Default: now. */
  readonly start?: number;
  readonly port?: number;
  readonly partition?: string;
  /** Faults are asked for at every call, in order. */
  readonly faults?: readonly FaultRule[];
  /** Remembers what was before every write, so that a `stale` fault has something to show. Default false. */
  readonly staleReads?: boolean;
};

export type Sandbox = {
  readonly kernel: Kernel;
  readonly endpoint: string;
  /** Deploys a synthesized cloud assembly: its stacks where they belong, those without environment into every member account. */
  deploy(directory: string, options: { readonly memberAccounts: readonly string[] }): Promise<readonly DeployedStack[]>;
  /** What an SDK client needs to act as an administrator of the account. */
  administrator(account: string, region?: string): ClientSettings;
  clientSettings(principal: Principal, region?: string): ClientSettings;
  /** For clients of this process that need no socket: `requestHandler` of an SDK client. */
  readonly inProcess: InProcessHandler;
  /** Everything that the services know, except what DynamoDB tables hold. */
  snapshot(): Snapshot;
  /** Takes the services back to a snapshot, with fresh quotas. Functions and executions under way are not part of it. */
  restore(snapshot: Snapshot): void;
  /** Resolves when nothing is under way any more; rejects with whatever failed in the background. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export type ClientSettings = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly forcePathStyle: true;
};

export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { organization, homeRegion, seed = 1, virtual = true, start, port = 0, partition = 'aws' } = options;
  const clock = createClock({ virtual, start });
  const known = states(options.staleReads ?? false);
  const failures: unknown[] = [];
  let endpoint = '';

  const byName = (name: string) => {
    const service = services.find((each) => each.name === name);
    if (!service)
      throw new Error(`The sandbox has no service "${name}"; it has ${services.map((each) => each.name).join(', ')}`);
    return service;
  };
  const kernel: Kernel = {
    ...randomness(seed),
    clock,
    partition,
    organizationId: organization.id,
    services,
    calls: [],
    decisions: [],
    faults: [...(options.faults ?? [])],
    get endpoint() {
      return endpoint;
    },
    state: (service, place) => known.current(service, place) as never,
    call: (principal, place, service, operation, input) =>
      perform(kernel, known, { principal, place, service: byName(service), operation, input }) as never,
    authorize: (principal, place, need, service) => authorize(kernel, principal, place, need, service),
    assumeForService: (service, roleArn, sessionName, source) =>
      assumeForService(kernel, service, roleArn, sessionName, source),
    credentials: (principal, seconds) => credentialsFor(kernel, principal, seconds),
    background: (what, work) =>
      void apartFromHolds(() => clock.during(work)).catch((error) =>
        failures.push(new Error(`${what} failed`, { cause: error })),
      ),
    administrator: (account) => administratorOf(kernel, account, organization.managementAccount),
  };

  setUpOrganization(kernel, organization);
  const answer = answering(kernel, known, services, createWire(services.filter(isCallable)));
  const server = await listen(port, answer, kernel);
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const service of services) service.start?.(kernel);

  const clientSettings = (principal: Principal, region = homeRegion): ClientSettings => ({
    endpoint,
    region,
    credentials: kernel.credentials(principal),
    forcePathStyle: true,
  });
  return {
    kernel,
    endpoint,
    clientSettings,
    administrator: (account, region) => clientSettings(kernel.administrator!(account), region),
    deploy: (directory, { memberAccounts }) => deployAssembly(kernel, directory, { memberAccounts, homeRegion }),
    inProcess: inProcess((request) => clock.during(() => answer(request))),
    snapshot: () => known.snapshot(),
    restore(snapshot) {
      known.restore(snapshot);
      refill(kernel);
    },
    async settled() {
      await clock.settled();
      if (failures.length > 0)
        throw new AggregateError(failures.splice(0), 'Something failed in the background of the sandbox');
    },
    async close() {
      closing.publish(kernel);
      clock.close();
      await stopFunctions(kernel);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Some services have resources in templates and nothing to call: log groups, sampling rules. */
const isCallable = ({ operations }: Service) => Object.keys(operations).length > 0;
