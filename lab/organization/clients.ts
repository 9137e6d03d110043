import type { ClientClasses } from '../../functions/contract/remediation.ts';
import type { ClientSettings } from '../../sandbox/index.ts';

export function clientsOn(
  settings: ClientSettings,
  classes: ClientClasses,
  overrides: object = {},
): Record<string, any> {
  return Object.fromEntries(
    Object.entries(classes).map(([name, Client]) => [
      name,
      new (Client as any)({ ...settings, ...FIXED_SETTINGS, ...endpointOf(Client.name, settings), ...overrides }),
    ]),
  );
}

/** Without these settings, each new client looks them up in the environment and in files. */
const FIXED_SETTINGS = {
  defaultsMode: 'standard',
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: '',
  authSchemePreference: [],
} as const;

/** Returns a host name for S3 Control: it puts the account before the host, which an IP address does not allow. */
const endpointOf = (client: string, { endpoint }: ClientSettings) =>
  client === 'S3ControlClient' ? { endpoint: endpoint.replace('127.0.0.1', 'localhost') } : {};
