/** An installation with every optional stack: the audit trail, and a place of messages of each kind. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Sandbox } from '../../sandbox/index.ts';
import type { ContextSettings } from '../../stacks/assembly.ts';
import { startReceiver } from './receiver.ts';

/** Of cdk.json. */
const SECURITY_ACCOUNT = '111111111111';

export const MESSAGE_HOSTS = {
  slack: 'https://slack.com',
  teams: 'https://prod-1.westeurope.logic.azure.com',
  jira: 'https://api-private.atlassian.com',
  servicenow: 'https://example.service-now.com',
  pagerduty: 'https://events.pagerduty.com',
} as const;
export type MessageHost = keyof typeof MESSAGE_HOSTS;

/** What people put into the secrets. No other place may have it. */
export const MESSAGE_SECRETS = {
  'suture/slack': { token: 'xoxb-secret-of-slack' },
  'suture/teams': { sig: 'signature-of-teams' },
  'suture/jira': { token: 'token-of-jira' },
  'suture/servicenow': { username: 'suture', password: 'password-of-servicenow' },
  'suture/pagerduty': { routingKey: 'routing-key-of-pagerduty' },
} as const;

export const OWNER_MAIL = 'shop@example.com';

export const OPTIONAL_STACKS: ContextSettings = {
  audit: 'true',
  messages: JSON.stringify({
    places: {
      chat: { kind: 'slack', secret: 'suture/slack' },
      team: {
        kind: 'teams',
        secret: 'suture/teams',
        to: 'data',
        webhook: `${MESSAGE_HOSTS.teams}/workflows/w/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0`,
      },
      tickets: {
        kind: 'jira',
        secret: 'suture/jira',
        webhook: `${MESSAGE_HOSTS.jira}/automation/webhooks/jira/a/cloud/rule`,
        severities: ['CRITICAL', 'HIGH', 'MEDIUM'],
      },
      desk: { kind: 'servicenow', secret: 'suture/servicenow', instance: MESSAGE_HOSTS.servicenow, group: 'Cloud' },
      night: { kind: 'pagerduty', secret: 'suture/pagerduty' },
    },
    mail: [OWNER_MAIL],
  }),
};

/** Puts the secrets into the security account, as people do before the first deployment. */
export async function putMessageSecrets(sandbox: Sandbox): Promise<void> {
  const client = new SecretsManagerClient(sandbox.administrator(SECURITY_ACCOUNT));
  for (const [Name, value] of Object.entries(MESSAGE_SECRETS))
    await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }));
}

/** Returns the options of a pipeline with every optional stack, whose places take everything. */
export async function startPlaces() {
  const receiver = await startReceiver();
  const receivers = Object.fromEntries(Object.values(MESSAGE_HOSTS).map((origin) => [origin, receiver.url]));
  return {
    options: { settings: OPTIONAL_STACKS, prepare: putMessageSecrets, receivers },
    receiver,
    close: () => receiver.close(),
  };
}
