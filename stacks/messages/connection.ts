/** How EventBridge signs in at each place. Secrets are references: CloudFormation reads them when it deploys. */
import type { CfnApiDestinationProps, CfnConnectionProps } from 'aws-cdk-lib/aws-events';
import type { PlaceContext } from './context.ts';

export type PlaceConnection = {
  readonly connection: Pick<CfnConnectionProps, 'authorizationType' | 'authParameters'>;
  readonly endpoint: CfnApiDestinationProps['invocationEndpoint'];
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html */
const reference = ({ secret, secretVersion = '' }: PlaceContext, key: string): string =>
  `{{resolve:secretsmanager:${secret}:SecretString:${key}::${secretVersion}}}`;

export function placeConnection(place: PlaceContext): PlaceConnection {
  switch (place.kind) {
    case 'slack':
      return {
        connection: apiKey('Authorization', `Bearer ${reference(place, 'token')}`),
        endpoint: 'https://slack.com/api/chat.postMessage',
      };
    case 'teams':
      return teamsConnection(place.webhook, reference(place, 'sig'));
    case 'jira':
      return {
        connection: apiKey('X-Automation-Webhook-Token', reference(place, 'token')),
        endpoint: place.webhook,
      };
    case 'servicenow':
      return {
        connection: {
          authorizationType: 'BASIC',
          authParameters: {
            basicAuthParameters: { username: reference(place, 'username'), password: reference(place, 'password') },
          },
        },
        endpoint: `${place.instance}/api/now/import/${place.table}`,
      };
    case 'pagerduty':
      return {
        connection: apiKey(CALLER, 'suture', {
          bodyParameters: [{ key: 'routing_key', value: reference(place, 'routingKey'), isValueSecret: true }],
        }),
        endpoint: `https://events.${place.region === 'eu' ? 'eu.' : ''}pagerduty.com/v2/enqueue`,
      };
  }
}

/** A connection must sign somehow. These places look at another part of the request, and ignore this header. */
const CALLER = 'X-Caller';

type HttpParameters = {
  readonly bodyParameters?: readonly HttpParameter[];
  readonly queryStringParameters?: readonly HttpParameter[];
};
type HttpParameter = { readonly key: string; readonly value: string; readonly isValueSecret: boolean };

const apiKey = (
  apiKeyName: string,
  apiKeyValue: string,
  invocationHttpParameters?: HttpParameters,
): PlaceConnection['connection'] => ({
  authorizationType: 'API_KEY',
  authParameters: {
    apiKeyAuthParameters: { apiKeyName, apiKeyValue },
    ...(invocationHttpParameters && {
      invocationHttpParameters: Object.fromEntries(
        Object.entries(invocationHttpParameters).map(([name, parameters]) => [name, [...parameters]]),
      ),
    }),
  },
});

/** Keeps the signature out of the endpoint: it permits its holder to post, so it is a secret of the connection. */
function teamsConnection(webhook: string, signature: string): PlaceConnection {
  const url = new URL(webhook);
  const parameters = [...url.searchParams].map(([key, value]) => ({ key, value, isValueSecret: false }));
  return {
    connection: apiKey(CALLER, 'suture', {
      queryStringParameters: [...parameters, { key: 'sig', value: signature, isValueSecret: true }],
    }),
    endpoint: `${url.origin}${url.pathname}`,
  };
}
