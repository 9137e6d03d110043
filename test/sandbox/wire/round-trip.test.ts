import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelOf, type OperationModel } from '../../../sandbox/wire/model.ts';
import type { DecodedRequest, WireService } from '../../../sandbox/wire/wire.ts';
import { type Constraints, sampler } from './sample.ts';
import { serve } from './server.ts';
import { SHARING_CLIENTS, WIRE_SERVICES } from './services.ts';

/** Operations whose values do not round-trip, with the reason. */
const EXCEPTIONS: readonly [service: string, operation: string, because: string][] = [
  ['api-gateway', 'GetExport', 'the client sends a header Accept of its own'],
  ['api-gateway', 'ImportRestApi', 'its query has constants beside its parameters'],
  ['api-gateway', 'PutRestApi', 'its query has members beside its parameters'],
  ['cloudwatch-logs', 'GetLogObject', 'it answers with an event stream'],
  ['cloudwatch-logs', 'StartLiveTail', 'it answers with an event stream'],
  ['lambda', 'InvokeWithResponseStream', 'it answers with an event stream'],
  ['s3', 'SelectObjectContent', 'it answers with an event stream'],
];

/** Members that clients interpret themselves, or change before they send them. */
const CONSTRAINTS: Constraints = {
  fixed: {
    AccountId: '111122223333', // a label of the host name, in digits
    Bucket: 'bucket-1',
    OutpostId: 'op-1',
    RequestRoute: 'route', // a label of the host name
    ChecksumAlgorithm: 'SHA256', // the client computes it
    PresignedUrl: 'https://example.com', // CopySnapshot's client makes one where it is missing
  },
  omitted: [
    'SSECustomerKey', // sent in base64, with its MD5 beside it
    'CopySourceSSECustomerKey',
    'ContentLength', // HTTP's own
    'EndpointId', // chooses another host
    'Expires', // the client reads the header once more, as ExpiresString
    'ExpiresString',
  ],
};

let server: Awaited<ReturnType<typeof serve>>;
let received: DecodedRequest | undefined;
let output: unknown;

beforeAll(async () => {
  server = await serve(Object.values(WIRE_SERVICES), (decoded) => {
    received = decoded;
    return output;
  });
});
afterAll(() => server.close());

it('covers every client of package.json', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const clients = Object.keys(dependencies).filter((name) => name.startsWith('@aws-sdk/client-'));
  const names = clients.map((name) => name.replace('@aws-sdk/client-', ''));
  expect(names.filter((name) => !SHARING_CLIENTS[name])).toEqual(Object.keys(WIRE_SERVICES));
  expect(names).toEqual(expect.arrayContaining(Object.keys(SHARING_CLIENTS)));
});

it.each(Object.values(WIRE_SERVICES))('$name: inputs arrive, and outputs come back', async (service) => {
  const client = server.client(service);
  const differences: Record<string, unknown> = {};
  for (const operation of modelOf(service).operations.values()) {
    if (EXCEPTIONS.some(([name, excepted]) => WIRE_SERVICES[name] === service && excepted === operation.name)) continue;
    for (const seed of ['first', 'second']) {
      const difference = await differenceOf(service, client, operation, seed);
      if (difference) differences[`${operation.name} (${seed})`] = difference;
    }
  }
  expect(differences).toEqual({});
});

it.each(EXCEPTIONS)('%s: %s does not round-trip, because %s', async (name, operation) => {
  const service = WIRE_SERVICES[name]!;
  const model = modelOf(service).operations.get(operation)!;
  await expect(differenceOf(service, server.client(service), model, 'first')).resolves.toBeDefined();
});

async function differenceOf(
  service: WireService,
  client: any,
  operation: OperationModel,
  seed: string,
): Promise<unknown> {
  const sample = sampler(`${service.name} ${operation.name} ${seed}`, CONSTRAINTS);
  const input = sample(operation.input);
  output = sample(operation.output);
  received = undefined;
  try {
    const { $metadata: _, ...answer } = await client.send(new service.sdk[`${operation.name}Command`](input));
    const sent = await comparable({ operation: operation.name, input, output });
    const got = await comparable({ operation: received!.operation, input: received!.input, output: answer });
    return isDeepStrictEqual(sent, got) ? undefined : { sent, got };
  } catch (error) {
    return error;
  }
}

async function comparable(value: any): Promise<any> {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return `time ${value.toISOString()}`;
  if (typeof value?.transformToByteArray === 'function') return comparable(await value.transformToByteArray());
  if (Array.isArray(value)) return Promise.all(value.map(comparable));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([name, member]) => member !== undefined && member !== null && !CONSTRAINTS.omitted.includes(name),
  );
  return Object.fromEntries(await Promise.all(members.map(async ([name, member]) => [name, await comparable(member)])));
}
