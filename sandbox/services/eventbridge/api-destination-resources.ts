/**
 * Connections and API destinations of templates.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-connection.html
 */
import * as z from 'zod';
import type { At, CreatedResource, ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName } from '../properties.ts';
import type { EventBridgeState } from './state.ts';

const parameters = z
  .array(z.strictObject({ Key: z.string(), Value: z.string(), IsValueSecret: flag.optional() }))
  .optional();
const connectionProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  AuthorizationType: z.string(),
  AuthParameters: z.strictObject({
    ApiKeyAuthParameters: z.strictObject({ ApiKeyName: z.string(), ApiKeyValue: z.string() }).optional(),
    BasicAuthParameters: z.strictObject({ Username: z.string(), Password: z.string() }).optional(),
    InvocationHttpParameters: z
      .strictObject({ HeaderParameters: parameters, QueryStringParameters: parameters, BodyParameters: parameters })
      .optional(),
  }),
});
const destinationProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  ConnectionArn: z.string(),
  InvocationEndpoint: z.string(),
  HttpMethod: z.string(),
  InvocationRateLimitPerSecond: z.coerce.number().int().optional(),
});

export const apiDestinationResources: Record<string, ResourceType<EventBridgeState>> = {
  'AWS::Events::Connection': {
    create: (properties, at, resource) => putConnection(at, 'CreateConnection', properties, resource),
    update: (existing, properties, at, resource) =>
      putConnection(at, 'UpdateConnection', properties, resource, existing.ref),
    remove: async (existing, at) => void (await call(at, 'DeleteConnection', { Name: existing.ref })),
  },
  'AWS::Events::ApiDestination': {
    create: (properties, at, resource) => putDestination(at, 'CreateApiDestination', properties, resource),
    update: (existing, properties, at, resource) =>
      putDestination(at, 'UpdateApiDestination', properties, resource, existing.ref),
    remove: async (existing, at) => void (await call(at, 'DeleteApiDestination', { Name: existing.ref })),
  },
};

type EventBridgeAt = At<EventBridgeState>;

async function putConnection(
  at: EventBridgeAt,
  operation: 'CreateConnection' | 'UpdateConnection',
  properties: unknown,
  resource: ResourceName,
  existing?: string,
): Promise<CreatedResource> {
  const connection = parseProperties('AWS::Events::Connection', connectionProperties, properties, resource);
  const Name = existing ?? connection.Name ?? physicalName(at.kernel, resource, '', 64);
  const { ConnectionArn } = await call<{ ConnectionArn: string }>(at, operation, { ...connection, Name });
  const { secretArn } = at.state.connections.get(Name)!;
  const attributes = { Arn: ConnectionArn, ArnForPolicy: withoutId(ConnectionArn), SecretArn: secretArn };
  return { ref: Name, attributes };
}

async function putDestination(
  at: EventBridgeAt,
  operation: 'CreateApiDestination' | 'UpdateApiDestination',
  properties: unknown,
  resource: ResourceName,
  existing?: string,
): Promise<CreatedResource> {
  const destination = parseProperties('AWS::Events::ApiDestination', destinationProperties, properties, resource);
  const Name = existing ?? destination.Name ?? physicalName(at.kernel, resource, '', 64);
  const { ApiDestinationArn: Arn } = await call<{ ApiDestinationArn: string }>(at, operation, { ...destination, Name });
  return { ref: Name, attributes: { Arn, ArnForPolicy: withoutId(Arn) } };
}

const withoutId = (arn: string): string => arn.slice(0, arn.lastIndexOf('/'));

const call = <O>(at: EventBridgeAt, operation: string, input: object): Promise<O> =>
  at.kernel.call<object, O>(at.principal, at, 'eventbridge', operation, input);
