/**
 * API destinations: HTTPS endpoints that rules send events to.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html
 */
import type * as sdk from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/kernel.ts';
import { checkedName } from './connections.ts';
import { eventBridgeNeeds, eventBridgePage } from './requests.ts';
import {
  type ApiDestination,
  type EventBridgeAt,
  type EventBridgeOperations,
  type EventBridgeState,
  type EventConnection,
  eventBridgeArn,
} from './state.ts';

const DEFAULT_RATE_PER_SECOND = 300;
const METHODS: readonly string[] = ['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'];

type Named = { readonly Name?: string | undefined };
const destinationNeeds = (action: string) => eventBridgeNeeds<Named>(action, 'api-destination', ({ Name }) => Name);

export const apiDestinationOperations: EventBridgeOperations = {
  CreateApiDestination: {
    needs: (input, at) => [
      ...destinationNeeds('CreateApiDestination')(input, at),
      { action: 'events:CreateApiDestination', resource: policyArn(input.ConnectionArn) },
    ],
    run: (input, at) => changeAnswer(createDestination(input, at)),
  },
  UpdateApiDestination: {
    needs: destinationNeeds('UpdateApiDestination'),
    run: (input, at) => changeAnswer(updateDestination(input, at)),
  },
  DescribeApiDestination: {
    needs: destinationNeeds('DescribeApiDestination'),
    run: (input, at) => {
      const destination = existingDestination(at.state, input.Name);
      return { ...summaryOf(destination), Description: destination.description };
    },
  },
  ListApiDestinations: {
    run: (input, at) => {
      const found = [...at.state.destinations.values()].filter(
        ({ name, connectionArn }) =>
          name.startsWith(input.NamePrefix ?? '') && (input.ConnectionArn ?? connectionArn) === connectionArn,
      );
      const page = eventBridgePage(found, input);
      return { ApiDestinations: page.items.map(summaryOf), NextToken: page.nextToken };
    },
  },
  DeleteApiDestination: {
    needs: destinationNeeds('DeleteApiDestination'),
    run: (input, at) => {
      at.state.destinations.delete(existingDestination(at.state, input.Name).name);
      return {};
    },
  },
};

/** Returns an ARN without its id at the end, as policies name connections and API destinations. */
const policyArn = (arn: string | undefined): string => (arn ?? '*').replace(/\/[^/]+$/, '');

function existingDestination(state: EventBridgeState, name: string | undefined): ApiDestination {
  const destination = state.destinations.get(name ?? '');
  if (!destination) throw new AwsError('ResourceNotFoundException', `An api-destination '${name}' does not exist.`);
  return destination;
}

/** @throws AwsError ResourceNotFoundException, also if its connection is gone */
export function destinationByArn(
  state: EventBridgeState,
  arn: string | undefined,
): { readonly destination: ApiDestination; readonly connection: EventConnection } {
  const destination = [...state.destinations.values()].find((each) => each.arn === arn);
  if (!destination) throw new AwsError('ResourceNotFoundException', `The API destination ${arn} does not exist.`);
  return { destination, connection: connectionByArn(state, destination.connectionArn) };
}

function connectionByArn(state: EventBridgeState, arn: string | undefined): EventConnection {
  const connection = [...state.connections.values()].find((each) => each.arn === arn);
  if (!connection) throw new AwsError('ResourceNotFoundException', `The connection ${arn} does not exist.`);
  return connection;
}

function createDestination(input: sdk.CreateApiDestinationRequest, at: EventBridgeAt): ApiDestination {
  const name = checkedName(input.Name);
  if (at.state.destinations.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `An api-destination '${name}' already exists.`);
  const destination: ApiDestination = {
    name,
    arn: eventBridgeArn(at, `api-destination/${name}/${at.kernel.uuid()}`),
    createdAt: at.kernel.clock.now(),
    ...settingsOf(input, at),
  };
  at.state.destinations.set(name, destination);
  return destination;
}

function updateDestination(input: sdk.UpdateApiDestinationRequest, at: EventBridgeAt): ApiDestination {
  const existing = existingDestination(at.state, input.Name);
  const before: sdk.UpdateApiDestinationRequest = {
    Name: existing.name,
    Description: existing.description,
    ConnectionArn: existing.connectionArn,
    InvocationEndpoint: existing.endpoint,
    HttpMethod: existing.method,
    InvocationRateLimitPerSecond: existing.ratePerSecond,
  };
  const destination = { ...existing, ...settingsOf({ ...before, ...input }, at) };
  at.state.destinations.set(existing.name, destination);
  return destination;
}

function settingsOf(input: sdk.UpdateApiDestinationRequest, at: EventBridgeAt) {
  const { InvocationRateLimitPerSecond: ratePerSecond = DEFAULT_RATE_PER_SECOND, HttpMethod: method } = input;
  if (!METHODS.includes(method ?? '')) throw invalid(`HttpMethod ${method} is not valid.`);
  if (ratePerSecond < 1) throw invalid('InvocationRateLimitPerSecond must be at least 1.');
  return {
    description: input.Description,
    connectionArn: connectionByArn(at.state, input.ConnectionArn).arn,
    endpoint: checkedEndpoint(input.InvocationEndpoint),
    method: method!,
    ratePerSecond,
    modifiedAt: at.kernel.clock.now(),
  };
}

/** "The URL must use HTTPS": https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destination-create.html */
function checkedEndpoint(endpoint: string | undefined): string {
  if (endpoint && endpoint.length <= 2048 && URL.canParse(endpoint) && new URL(endpoint).protocol === 'https:')
    return endpoint;
  throw invalid(`InvocationEndpoint ${endpoint} is not valid: it must be a URL with https.`);
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const changeAnswer = ({ arn, createdAt, modifiedAt }: ApiDestination) => ({
  ApiDestinationArn: arn,
  ApiDestinationState: 'ACTIVE' as const,
  CreationTime: new Date(createdAt),
  LastModifiedTime: new Date(modifiedAt),
});

const summaryOf = (destination: ApiDestination) => ({
  ...changeAnswer(destination),
  Name: destination.name,
  ConnectionArn: destination.connectionArn,
  InvocationEndpoint: destination.endpoint,
  HttpMethod: destination.method,
  InvocationRateLimitPerSecond: destination.ratePerSecond,
});
