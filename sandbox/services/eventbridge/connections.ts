/**
 * Connections: how EventBridge signs its requests to an HTTPS endpoint.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html
 */
import type * as sdk from '@aws-sdk/client-eventbridge';
import { AwsError, type AwsPlace, type Need } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { deleteManagedSecret, putManagedSecret } from '../secretsmanager/managed.ts';
import { eventBridgeNeeds, eventBridgePage } from './requests.ts';
import {
  type ConnectionAuthorization,
  type EventBridgeAt,
  type EventBridgeOperations,
  type EventBridgeState,
  type EventConnection,
  eventBridgeArn,
} from './state.ts';

/** The role with which EventBridge writes the secret. The caller needs the same permissions. */
const SERVICE_ROLE =
  'role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations';

type Named = { readonly Name?: string | undefined };

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html */
const connectionNeeds =
  (action: string, secretActions: readonly string[]) =>
  (input: Named, at: EventBridgeAt): Need[] => [
    ...eventBridgeNeeds<Named>(action, 'connection', ({ Name }) => Name)(input, at),
    ...secretActions.map((secretAction) => ({
      action: `secretsmanager:${secretAction}`,
      resource: `${secretPrefix(at, input.Name ?? '*')}/*`,
    })),
  ];

export const connectionOperations: EventBridgeOperations = {
  CreateConnection: {
    needs: (input, at) => [
      ...connectionNeeds('CreateConnection', ['CreateSecret', 'GetSecretValue', 'PutSecretValue'])(input, at),
      {
        action: 'iam:CreateServiceLinkedRole',
        resource: `arn:${at.partition}:iam::${at.account}:${SERVICE_ROLE}`,
        context: { 'iam:AWSServiceName': 'apidestinations.events.amazonaws.com' },
      },
    ],
    run: (input, at) => changeAnswer(createConnection(input, at)),
  },
  UpdateConnection: {
    needs: connectionNeeds('UpdateConnection', ['UpdateSecret', 'GetSecretValue', 'PutSecretValue']),
    run: (input, at) => changeAnswer(updateConnection(input, at)),
  },
  DescribeConnection: {
    needs: connectionNeeds('DescribeConnection', []),
    run: (input, at) => {
      const connection = existingConnection(at.state, input.Name);
      return {
        ...summaryOf(connection),
        Description: connection.description,
        SecretArn: connection.secretArn,
        AuthParameters: withoutSecrets(connection),
      };
    },
  },
  ListConnections: {
    run: (input, at) => {
      const found = [...at.state.connections.values()].filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const page = eventBridgePage(found, input);
      return { Connections: page.items.map(summaryOf), NextToken: page.nextToken };
    },
  },
  DeleteConnection: {
    needs: connectionNeeds('DeleteConnection', ['DeleteSecret']),
    run: (input, at) => {
      const connection = existingConnection(at.state, input.Name);
      at.state.connections.delete(connection.name);
      deleteManagedSecret(at.kernel, at, connection.secretArn);
      return { ...changeAnswer(connection), ConnectionState: 'DELETING' };
    },
  },
};

/** @throws AwsError ResourceNotFoundException */
export function existingConnection(state: EventBridgeState, name: string | undefined): EventConnection {
  const connection = state.connections.get(name ?? '');
  if (!connection) throw new AwsError('ResourceNotFoundException', `Connection '${name}' does not exist.`);
  return connection;
}

const MEMBERS = ['Name', 'Description', 'AuthorizationType', 'AuthParameters'] as const;
const NAME = /^[.\-_A-Za-z0-9]{1,64}$/;

/** @throws AwsError ValidationException for a name that EventBridge does not take */
export function checkedName(name: string | undefined): string {
  if (name !== undefined && NAME.test(name)) return name;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
  );
}

function createConnection(input: sdk.CreateConnectionRequest, at: EventBridgeAt): EventConnection {
  onlyMembers('CreateConnection', input, MEMBERS);
  const name = checkedName(input.Name);
  if (at.state.connections.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `Connection ${name} already exists.`);
  const { kernel } = at;
  const credentials = authorizationOf(input.AuthorizationType, input.AuthParameters);
  const connection: EventConnection = {
    name,
    arn: eventBridgeArn(at, `connection/${name}/${kernel.uuid()}`),
    secretArn: putSecret(at, `${SECRET_PREFIX}${name}/${kernel.uuid()}`, credentials),
    description: input.Description,
    createdAt: kernel.clock.now(),
    modifiedAt: kernel.clock.now(),
    ...credentials,
  };
  at.state.connections.set(name, connection);
  return connection;
}

function updateConnection(input: sdk.UpdateConnectionRequest, at: EventBridgeAt): EventConnection {
  onlyMembers('UpdateConnection', input, MEMBERS);
  const existing = existingConnection(at.state, input.Name);
  const changesAuthorization = input.AuthorizationType !== undefined || input.AuthParameters !== undefined;
  const credentials = changesAuthorization
    ? authorizationOf(input.AuthorizationType ?? existing.authorization.type, input.AuthParameters)
    : undefined;
  if (credentials) putSecret(at, secretName(existing), credentials);
  const connection: EventConnection = {
    ...existing,
    description: input.Description ?? existing.description,
    modifiedAt: at.kernel.clock.now(),
    ...credentials,
  };
  at.state.connections.set(existing.name, connection);
  return connection;
}

/** EventBridge keeps the credentials in a secret of its own, and pays for it. */
const SECRET_PREFIX = 'events!connection/';

const putSecret = (at: EventBridgeAt, name: string, value: Credentials): string =>
  putManagedSecret(at.kernel, at, { owningService: 'events', name, value });

const secretName = ({ secretArn }: EventConnection): string => secretArn.split(':secret:')[1]!.slice(0, -7);

type Credentials = Pick<EventConnection, 'authorization' | 'http'>;

/** @throws AwsError NotModelled for OAuth and for private endpoints, ValidationException for missing parameters */
function authorizationOf(
  type: sdk.ConnectionAuthorizationType | undefined,
  parameters: sdk.CreateConnectionAuthRequestParameters | sdk.UpdateConnectionAuthRequestParameters | undefined,
): Credentials {
  if (type === 'OAUTH_CLIENT_CREDENTIALS') throw notModelled('connections of EventBridge with OAuth');
  const {
    BasicAuthParameters,
    ApiKeyAuthParameters,
    InvocationHttpParameters: http = {},
    ...others
  } = parameters ?? {};
  onlyMembers('AuthParameters', others, []);
  onlyMembers('InvocationHttpParameters', http, ['HeaderParameters', 'QueryStringParameters', 'BodyParameters']);
  const { HeaderParameters = [], QueryStringParameters = [], BodyParameters = [] } = http;
  return {
    authorization: credentialsOf(type, BasicAuthParameters, ApiKeyAuthParameters),
    http: { headers: HeaderParameters, query: QueryStringParameters, body: BodyParameters },
  };
}

function credentialsOf(
  type: sdk.ConnectionAuthorizationType | undefined,
  basic: sdk.UpdateConnectionBasicAuthRequestParameters | undefined,
  apiKey: sdk.UpdateConnectionApiKeyAuthRequestParameters | undefined,
): ConnectionAuthorization {
  const { Username, Password } = basic ?? {};
  const { ApiKeyName, ApiKeyValue } = apiKey ?? {};
  if (type === 'BASIC' && Username && Password && !apiKey) return { type, Username, Password };
  if (type === 'API_KEY' && ApiKeyName && ApiKeyValue && !basic) return { type, ApiKeyName, ApiKeyValue };
  throw new AwsError('ValidationException', `AuthParameters do not match the authorization type ${type}.`);
}

const secretPrefix = ({ partition, region, account }: AwsPlace, name: string): string =>
  `arn:${partition}:secretsmanager:${region}:${account}:secret:${SECRET_PREFIX}${name}`;

const changeAnswer = ({ arn, createdAt, modifiedAt }: EventConnection) => ({
  ConnectionArn: arn,
  ConnectionState: 'AUTHORIZED' as const,
  CreationTime: new Date(createdAt),
  LastModifiedTime: new Date(modifiedAt),
  LastAuthorizedTime: new Date(modifiedAt),
});

const summaryOf = (connection: EventConnection) => ({
  ...changeAnswer(connection),
  Name: connection.name,
  AuthorizationType: connection.authorization.type,
});

/** EventBridge returns no password, key or secret value. */
function withoutSecrets({ authorization, http }: EventConnection): sdk.ConnectionAuthResponseParameters {
  const visible = (parameters: EventConnection['http']['headers']) =>
    parameters.map(({ Key, Value, IsValueSecret = false }) => ({
      Key,
      ...(!IsValueSecret && { Value }),
      IsValueSecret,
    }));
  return {
    ...(authorization.type === 'BASIC'
      ? { BasicAuthParameters: { Username: authorization.Username } }
      : { ApiKeyAuthParameters: { ApiKeyName: authorization.ApiKeyName } }),
    InvocationHttpParameters: {
      HeaderParameters: visible(http.headers),
      QueryStringParameters: visible(http.query),
      BodyParameters: visible(http.body),
    },
  };
}
