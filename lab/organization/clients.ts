/** Real SDK clients that work against a sandbox from this process. */
import { Agent } from 'node:http';
import type { ClientClasses } from '../../functions/contract/remediation.ts';
import type { ClientSettings } from '../../sandbox/index.ts';

/** S3 Control puts the account in front of the host, `111122223333.localhost`, which not every resolver knows. */
const loopback = new Agent({ keepAlive: true, lookup: (_host, options, done) => found(options, done as never) });

/** One client of each class. `more` overrides what a client is made with. */
export function clientsOn(settings: ClientSettings, classes: ClientClasses, more: object = {}): Record<string, any> {
  return Object.fromEntries(
    Object.entries(classes).map(([name, Client]) => [
      name,
      new (Client as any)({ ...settingsFor(Client.name, settings), ...more }),
    ]),
  );
}

/** What a client would look for in the environment and in files, each time that one is made. */
const SETTLED = {
  defaultsMode: 'standard',
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: '',
  authSchemePreference: [],
} as const;

/** All over one agent: clients come and go with every session, connections need not. */
const settingsFor = (client: string, settings: ClientSettings) => ({
  ...settings,
  ...SETTLED,
  requestHandler: { httpAgent: loopback },
  ...(client === 'S3ControlClient' && { endpoint: settings.endpoint.replace('127.0.0.1', 'localhost') }),
});

type Done = (error: null, address: string | { address: string; family: number }[], family?: number) => void;
const found = ({ all }: { all?: boolean }, done: Done) =>
  all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
