import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelOf, type OperationModel } from '../../../sandbox/wire/model.ts';
import type { Decoded, WireService } from '../../../sandbox/wire/wire.ts';
import { type Constraints, sampler } from './sample.ts';
import { serve } from './server.ts';
import { services } from './services.ts';

/** Operations that do not come back as they went, and why. */
const exceptions: readonly [service: string, operation: string, because: string][] = [
  ['lambda', 'InvokeWithResponseStream', 'it answers with an event stream'],
  ['s3', 'SelectObjectContent', 'it answers with an event stream'],
];

/** What clients look at themselves, or send otherwise than given. */
const constraints: Constraints = {
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
let received: Decoded | undefined;
let output: unknown;

beforeAll(async () => {
  server = await serve(Object.values(services), (decoded) => {
    received = decoded;
    return output;
  });
});
afterAll(() => server.close());

test('every client of package.json is in the round trip', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const clients = Object.keys(dependencies).filter((name) => name.startsWith('@aws-sdk/client-'));
  expect(Object.keys(services)).toEqual(clients.map((name) => name.replace('@aws-sdk/client-', '')));
});

test.each(Object.values(services))('$name: inputs arrive, and outputs come back', async (service) => {
  const client = server.client(service);
  const differences: Record<string, unknown> = {};
  for (const operation of modelOf(service).operations.values()) {
    if (exceptions.some(([name, excepted]) => name === service.name && excepted === operation.name)) continue;
    for (const seed of ['first', 'second']) {
      const difference = await differenceOf(service, client, operation, seed);
      if (difference) differences[`${operation.name} (${seed})`] = difference;
    }
  }
  expect(differences).toEqual({});
});

test.each(exceptions)('%s: %s does not, for %s', async (name, operation) => {
  const service = services[name]!;
  const model = modelOf(service).operations.get(operation)!;
  await expect(differenceOf(service, server.client(service), model, 'first')).resolves.toBeDefined();
});

async function differenceOf(
  service: WireService,
  client: any,
  operation: OperationModel,
  seed: string,
): Promise<unknown> {
  const sample = sampler(`${service.name} ${operation.name} ${seed}`, constraints);
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

/** Values whose equality is that of their content; nothing and null are the same. */
async function comparable(value: any): Promise<any> {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return `time ${value.toISOString()}`;
  if (typeof value?.transformToByteArray === 'function') return comparable(await value.transformToByteArray());
  if (Array.isArray(value)) return Promise.all(value.map(comparable));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([name, member]) => member !== undefined && member !== null && !constraints.omitted.includes(name),
  );
  return Object.fromEntries(await Promise.all(members.map(async ([name, member]) => [name, await comparable(member)])));
}
