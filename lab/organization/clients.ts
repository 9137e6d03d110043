/** SDK clients for a sandbox in this process. */
import { Agent } from 'node:http';
import type { ClientClasses } from '../../functions/contract/remediation.ts';
import type { ClientSettings } from '../../sandbox/index.ts';

/** S3 Control puts the account before the host, `111122223333.localhost`, which some resolvers don't resolve. */
const LOOPBACK_AGENT = new Agent({
  keepAlive: true,
  lookup: (_host, options, done) => resolveToLoopback(options, done as never),
});

/** Returns one client of each class. `overrides` takes precedence over a client's settings. */
export function clientsOn(
  settings: ClientSettings,
  classes: ClientClasses,
  overrides: object = {},
): Record<string, any> {
  return Object.fromEntries(
    Object.entries(classes).map(([name, Client]) => [
      name,
      new (Client as any)({ ...settingsFor(Client.name, settings), ...overrides }),
    ]),
  );
}

/** Settings that each new client would otherwise look up in the environment and in files. */
const FIXED_SETTINGS = {
  defaultsMode: 'standard',
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: '',
  authSchemePreference: [],
} as const;

/** Returns settings with one agent for all clients: each session has new clients, but reuses connections. */
const settingsFor = (client: string, settings: ClientSettings) => ({
  ...settings,
  ...FIXED_SETTINGS,
  requestHandler: { httpAgent: LOOPBACK_AGENT },
  ...(client === 'S3ControlClient' && { endpoint: settings.endpoint.replace('127.0.0.1', 'localhost') }),
});

type LookupCallback = (error: null, address: string | { address: string; family: number }[], family?: number) => void;
const resolveToLoopback = ({ all }: { all?: boolean }, done: LookupCallback) =>
  all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
