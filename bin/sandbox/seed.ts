/** Puts a fault into a member account by its remediation's own case, and the finding about it into Security Hub. */
import type { Cases } from '../../functions/contract/cases.ts';
import type { ClientClasses, Place, Resource } from '../../functions/contract/remediation.ts';
import type { Sandbox } from '../../sandbox/index.ts';

/** Clients that sign as an administrator of the account. */
export function administratorClients(
  sandbox: Sandbox,
  { account, region }: Place,
  classes: ClientClasses,
): Record<string, any> {
  const settings = sandbox.administrator(account, region);
  const local = { ...settings, endpoint: settings.endpoint.replace('127.0.0.1', 'localhost') };
  return Object.fromEntries(
    Object.entries(classes).map(([name, Client]) => {
      // S3 Control puts the account in front of the host, which an IP address cannot bear.
      const config = Client.name === 'S3ControlClient' ? local : settings;
      return [name, new (Client as any)(config)];
    }),
  );
}

/** The faulty resource of this control, made by the remediation's case. */
export async function makeFaulty(
  sandbox: Sandbox,
  cases: Cases,
  place: Place,
  control: string,
  name: string,
): Promise<Resource> {
  const clients = administratorClients(sandbox, place, cases.clients ?? cases.of.clients);
  return cases.faulty(clients as never, { ...place, name, control, target: undefined });
}
