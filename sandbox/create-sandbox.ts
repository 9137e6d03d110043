/** Creates sandboxes with a given list of services, without loading any other. */
import { channel } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DeployedStack, deployAssembly } from './cloudformation/index.ts';
import { createKernel } from './create-kernel.ts';
import { createInProcessHandler, type InProcessHandler } from './in-process.ts';
import { SANDBOX_CLOSES } from './kernel/closing.ts';
import type { FaultRule, Kernel, Principal, Service } from './kernel/kernel.ts';
import type { Snapshot } from './kernel/states.ts';
import { refillBuckets } from './kernel/throttle.ts';
import { answererFor, listen } from './server.ts';
import { type Receivers, setReceivers } from './services/eventbridge/receivers.ts';
import { type OrganizationOptions, setUpOrganization } from './services/organizations/set-up.ts';
import { applyQuotas, type QuotaValues } from './services/servicequotas/state.ts';
import { createWire } from './wire/wire.ts';

const closing = channel(SANDBOX_CLOSES);

export type SandboxOptions = {
  readonly organization: OrganizationOptions;
  /** For calls without a Region, and for global services. */
  readonly homeRegion: string;
  readonly seed?: number;
  /** A virtual clock jumps over every wait. Default true. */
  readonly virtual?: boolean;
  readonly start?: number;
  readonly port?: number;
  readonly partition?: string;
  /** Each may inject a fault into a call; the first fault counts. */
  readonly faults?: readonly FaultRule[];
  /** Keeps the state before each write, which `stale` faults need. Default false. */
  readonly staleReads?: boolean;
  /** Of every account and Region. Default: AWS's defaults. */
  readonly quotas?: QuotaValues;
  /** Receivers on this machine that play the hosts of EventBridge's API destinations. */
  readonly receivers?: Receivers;
};

export type Sandbox = {
  readonly kernel: Kernel;
  readonly endpoint: string;
  /** Deploys each stack into its environment, and stacks without one into every member account. */
  deploy(directory: string, options: { readonly memberAccounts: readonly string[] }): Promise<readonly DeployedStack[]>;
  administrator(account: string, region?: string): ClientSettings;
  clientSettings(principal: Principal, region?: string): ClientSettings;
  /** The `requestHandler` of an SDK client in this process, without a socket. */
  readonly inProcess: InProcessHandler;
  snapshot(): Snapshot;
  /** Resets the services and their quotas, but neither running functions nor executions. */
  restore(snapshot: Snapshot): void;
  /** Returns the state that a service begins with. `name` is its state's name in a snapshot; undefined if unknown. */
  unusedState(name: string): unknown;
  /** Resolves when no work is in progress; rejects with the errors of background work. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Settings of an SDK client. With the sandbox's `requestHandler`, which works in this process, requests take no socket.
 */
export type ClientSettings = {
  readonly endpoint: string;
  readonly requestHandler?: InProcessHandler;
  readonly region: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly forcePathStyle: true;
};

/** IAM, STS, Organizations and KMS must be among the services. */
export async function createSandboxWith(services: readonly Service[], options: SandboxOptions): Promise<Sandbox> {
  const { organization, homeRegion, seed = 1, virtual = true, start, port = 0, partition = 'aws' } = options;
  const { faults = [], staleReads = false } = options;
  const { kernel, states, failures, setEndpoint } = createKernel({
    services,
    organization,
    partition,
    seed,
    virtual,
    start,
    faults,
    staleReads,
  });
  setUpOrganization(kernel, organization);
  applyQuotas(kernel, options.quotas ?? {});
  setReceivers(kernel, options.receivers ?? {});
  const answer = answererFor(kernel, states, services, createWire(services.filter(isCallable)));
  const server = await listen(port, answer, kernel);
  setEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const service of services) service.start?.(kernel);

  const inProcess = createInProcessHandler((request) => kernel.clock.during(() => answer(request)));
  const clientSettings = (principal: Principal, region = homeRegion): ClientSettings => ({
    endpoint: kernel.endpoint,
    requestHandler: inProcess,
    region,
    credentials: kernel.credentials(principal),
    forcePathStyle: true,
  });
  return {
    kernel,
    endpoint: kernel.endpoint,
    clientSettings,
    administrator: (account, region) => clientSettings(kernel.administrator!(account), region),
    deploy: (directory, { memberAccounts }) => deployAssembly(kernel, directory, { memberAccounts, homeRegion }),
    inProcess,
    snapshot: () => states.snapshot(),
    restore(snapshot) {
      states.restore(snapshot);
      refillBuckets(kernel);
    },
    unusedState: (name) => states.unused(name),
    settled: () => settled(kernel, failures),
    close: () => close(kernel, server),
  };
}

async function settled({ clock }: Kernel, failures: unknown[]): Promise<void> {
  await clock.settled();
  const thrown = failures.splice(0);
  if (thrown.length > 0) throw new AggregateError(thrown, `Background work of the sandbox failed; first: ${thrown[0]}`);
}

async function close(kernel: Kernel, server: Server): Promise<void> {
  closing.publish(kernel);
  kernel.clock.close();
  for (const service of kernel.services ?? []) await service.stop?.(kernel);
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** A service without an SDK client has no schemas, by which the wire reads requests. */
const isCallable = ({ sdk }: Service) => Object.keys(sdk).length > 0;
