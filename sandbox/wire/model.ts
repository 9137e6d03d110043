/**
 * The model of a service from the SDK's run-time schemas: its names on the wire, its operations and its errors.
 * The schemas are tuples that every SDK v3 client exports (`CreateQueue$`); only this file depends on their layout.
 */
import { NormalizedSchema } from '@smithy/core/schema';
import type { Service } from '../kernel/kernel.ts';

export type WireService = Pick<Service, 'name' | 'sdk' | 'client' | 'prefix'>;

/** By the names of their Smithy traits. */
export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restJson1' | 'restXml' | 'rpcv2Cbor';

export type OperationModel = {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Only for REST services. `path` is the URI template with its constant query. */
  readonly http?: { readonly method: string; readonly path: string; readonly status: number };
};

export type ErrorModel = {
  readonly name: string;
  readonly schema: NormalizedSchema;
  readonly fault: 'client' | 'server';
  readonly status?: number;
  /** The code in the query protocol, if it differs: `NoSuchEntity`. */
  readonly queryCode?: string;
};

export type ServiceModel = {
  readonly name: string;
  readonly signingName: string;
  /** The JavaScript client's protocol; a request may use another one. */
  readonly protocol: Protocol;
  readonly namespace: string;
  readonly version: string;
  /** The part before the operation in X-Amz-Target. */
  readonly target: string;
  readonly xmlNamespace: string;
  readonly awsQueryCompatible: boolean;
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** Looks up by the shape's name, or by its code in the query protocol. */
  error(code: string): ErrorModel | undefined;
};

const OPERATION_KIND = 9;
const ERROR_KIND = -3;

/** Reads a client's schemas once for each service, because that takes milliseconds for a big one. */
export function modelOf(service: WireService): ServiceModel {
  const { config } = new service.client({
    region: 'us-east-1',
    credentials: { accessKeyId: '-', secretAccessKey: '-' },
  });
  const settings = config.protocolSettings;
  const schemas = Object.values(service.sdk).filter((value) => Array.isArray(value));
  const protocol: Protocol = config.protocol.getShapeId().split('#')[1];
  const errors = schemas.filter(([kind]) => kind === ERROR_KIND).map(errorOf);
  const errorsByName = new Map(errors.map((error) => [error.name, error]));
  // Schemas of other services have obsolete query codes: DynamoDB's Throttling.
  const hasQueryCodes = protocol === 'awsQuery' || settings.awsQueryCompatible;
  const errorsByQueryCode = new Map(hasQueryCodes ? errors.map((error) => [error.queryCode, error]) : []);
  return {
    name: service.name,
    signingName: config.defaultSigningName,
    protocol,
    namespace: settings.defaultNamespace,
    version: settings.version,
    target: settings.serviceTarget,
    xmlNamespace: settings.xmlNamespace ?? '',
    awsQueryCompatible: settings.awsQueryCompatible ?? false,
    operations: new Map(
      schemas.filter(([kind]) => kind === OPERATION_KIND).map((schema) => [schema[2], operationOf(schema)]),
    ),
    error: (code) => errorsByName.get(code) ?? errorsByQueryCode.get(code),
  };
}

/** A schema of the SDK is a tuple: its kind, namespace, name and traits, then an operation's input and output. */
function operationOf([, , name, traits, input, output]: any): OperationModel {
  const [method, path, status] = traits.http ?? [];
  return {
    name,
    get input() {
      return NormalizedSchema.of(input);
    },
    get output() {
      return NormalizedSchema.of(output);
    },
    http: method && { method, path, status },
  };
}

function errorOf(schema: any): ErrorModel {
  const [, , name, traits] = schema;
  const [queryCode, queryStatus] = traits.awsQueryError ?? [];
  return {
    name,
    schema: NormalizedSchema.of(schema),
    fault: traits.error ?? 'client',
    status: queryStatus ?? traits.httpError,
    queryCode,
  };
}

/** Returns the schema of a structure that exists only on the wire: an envelope, the part of a shape in the body. */
export function structure(
  name: string,
  members: readonly (readonly [name: string, schema: unknown])[],
  traits: object | number = 0,
): NormalizedSchema {
  const names = members.map(([member]) => member);
  const schemas = members.map(([, schema]) => schema);
  return NormalizedSchema.of([3, 'sandbox.wire', name, traits, names, schemas] as any);
}

export const STRING_SCHEMA = 0;

export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  if (!schema.isStructSchema()) return [];
  // Of a structure, the tuple has the members' names, the required ones first, their schemas, and the number required.
  const [, , , , names, , required = 0] = schema.getSchema() as any;
  return names.slice(0, required);
}
