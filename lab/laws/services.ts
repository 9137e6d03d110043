/** The services that the proof of one remediation needs. Loading all of them would take most of its time. */
import type { Scenarios } from '../../functions/contract/scenario.ts';
import type { Service } from '../../sandbox/kernel/kernel.ts';
import { SERVICE_LOADERS } from '../../sandbox/services/loaders.generated.ts';

/** Roles, sessions and service control policies decide each call; KMS and S3 belong to the fixtures of other services. */
const ALWAYS = ['IAMClient', 'STSClient', 'OrganizationsClient', 'KMSClient', 'S3Client'];

/** @throws Error naming a client for which the sandbox has no service */
export const servicesFor = (scenarios: Scenarios): Promise<Service[]> =>
  loadAll([...ALWAYS, ...clientNames(scenarios)]);

/** Returns the services of the remediation and of its scenarios, of which the town has resources. */
export const townServices = (scenarios: Scenarios): Promise<Service[]> => loadAll(clientNames(scenarios).toSorted());

function clientNames({ remediation, clients = {} }: Scenarios): string[] {
  const classes = Object.values({ ...remediation.clients, ...clients } as Record<string, { name: string }>);
  return [...new Set(classes.map(({ name }) => name))];
}

/** Several clients may call one service. */
const loadAll = async (clients: readonly string[]): Promise<Service[]> => [
  ...new Set(await Promise.all(clients.map(load))),
];

function load(client: string): Promise<Service> {
  const loader = SERVICE_LOADERS[client];
  if (loader) return loader();
  const known = Object.keys(SERVICE_LOADERS).join(', ');
  throw new Error(`The sandbox has no service for the client ${client}. It has services for ${known}.`);
}
