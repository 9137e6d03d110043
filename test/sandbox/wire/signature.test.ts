import { Readable } from 'node:stream';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ListAccessPointsCommand } from '@aws-sdk/client-s3-control';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SigningKey, verifySignature } from '../../../sandbox/wire/signature.ts';
import type { WireRequest } from '../../../sandbox/wire/wire.ts';
import { serve } from './server.ts';
import { WIRE_SERVICES } from './services.ts';

const CREDENTIALS = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const known = (accessKeyId: string): SigningKey | undefined =>
  accessKeyId === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined;

const BUCKET_KEY = { Bucket: 'b', Key: "a b/ü+(c)'/../~" };
const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:f';
const CALLS: Readonly<Record<string, [service: string, command: object]>> = {
  'a JSON call': ['dynamodb', new ListTablesCommand({ Limit: 3 })],
  'a query call': ['iam', new ListUsersCommand({ PathPrefix: '/a b+c*~/' })],
  'a call of EC2': ['ec2', new DescribeVpcsCommand({ VpcIds: ['vpc-1'] })],
  'a REST call with an ARN in its path': ['lambda', new GetFunctionCommand({ FunctionName: FUNCTION_ARN })],
  'an object under an odd key': ['s3', new PutObjectCommand({ ...BUCKET_KEY, Body: 'text' })],
  'a call with its account in the host': ['s3-control', new ListAccessPointsCommand({ AccountId: '111122223333' })],
};

let server: Awaited<ReturnType<typeof serve>>;
let sent: WireRequest | undefined;
beforeAll(async () => {
  server = await serve(Object.values(WIRE_SERVICES), (_, request) => {
    sent = request;
    return {};
  });
});
afterAll(() => server.close());

async function signed(call: string): Promise<WireRequest> {
  const [service, command] = CALLS[call]!;
  await server.client(WIRE_SERVICES[service]!, { credentials: CREDENTIALS }).send(command);
  return sent!;
}

it.each(Object.keys(CALLS))('accepts %s as the client signs it', async (call) => {
  const request = await signed(call);
  await expect(verifySignature(request, known, Date.now())).resolves.toMatchObject({
    accessKeyId: 'ASIAEXAMPLE',
    region: 'eu-central-1',
  });
});

it('accepts a body in chunks, with a trailing checksum', async () => {
  const upload = new PutObjectCommand({ ...BUCKET_KEY, Body: Readable.from(['hello ', 'world']), ContentLength: 11 });
  await server.client(WIRE_SERVICES.s3!, { credentials: CREDENTIALS }).send(upload);
  expect(sent!.headers['x-amz-content-sha256']).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
  await expect(verifySignature(sent!, known, Date.now())).resolves.toMatchObject({ signingName: 's3' });
  const { input } = await server.wire.decode(sent!);
  expect(input).toMatchObject({ Body: Buffer.from('hello world'), ChecksumCRC32: 'DUoRhQ==' });
  expect(input).not.toHaveProperty('ContentEncoding');
});

it.each(['s3', 'sts'])('accepts a presigned URL of %s until it expires', async (service) => {
  const isS3 = service === 's3';
  const signer = new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials: CREDENTIALS,
    sha256: Sha256,
    uriEscapePath: !isS3,
  });
  const unsigned = new HttpRequest({
    method: 'GET',
    hostname: 'example.com',
    path: '/b/a%20b',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15', empty: '' },
    headers: { host: 'example.com', ...(isS3 && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }) },
  });
  const signingDate = new Date('2026-01-02T12:00:00Z');
  const contentHash = new Set(['x-amz-content-sha256']);
  const presigned = await signer.presign(unsigned, {
    signingDate,
    expiresIn: 60,
    unsignableHeaders: contentHash,
    unhoistableHeaders: contentHash,
  });
  const query = new URLSearchParams(presigned.query as Record<string, string>);
  const request = { method: 'GET', url: `/b/a%20b?${query}`, headers: { host: 'example.com' }, body: new Uint8Array() };
  const after = (seconds: number) => verifySignature(request, known, signingDate.getTime() + seconds * 1000);
  await expect(after(59)).resolves.toMatchObject({ accessKeyId: 'ASIAEXAMPLE', signingName: service });
  await expect(after(61)).rejects.toMatchObject({ code: isS3 ? 'AccessDenied' : 'SignatureDoesNotMatch' });
  const moved = { ...request, url: request.url.replace('/a%20b', '/other') };
  await expect(verifySignature(moved, known, undefined)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
});

const ANSWERS = [
  'a JSON call',
  'a query call',
  'a call of EC2',
  'a REST call with an ARN in its path',
  'an object under an odd key',
];
const DIFFERS = [
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
];
const UNKNOWN = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'AuthFailure',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
];
const TAMPERED: readonly [what: string, spoil: (request: WireRequest) => WireRequest, codes: readonly string[]][] = [
  ['a tampered body', (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) }), DIFFERS],
  ['another path', (request) => ({ ...request, url: request.url.replace(/^\//, '/x') }), DIFFERS],
  ['another header', (request) => withHeaders(request, { host: 'elsewhere' }), DIFFERS],
  ['a foreign access key', (request) => withHeaders(request, { authorization: foreign(request) }), UNKNOWN],
  ['no session token', (request) => withHeaders(request, { 'x-amz-security-token': undefined }), UNKNOWN],
];

it.each(
  TAMPERED.flatMap(([what, spoil, codes]) => ANSWERS.map((call, index) => [what, call, codes[index]!, spoil] as const)),
)('%s in %s is %s', async (_what, call, code, spoil) => {
  const request = spoil(await signed(call));
  await expect(verifySignature(request, known, undefined)).rejects.toMatchObject({ code });
});

it('refuses the signature of a wrong secret', async () => {
  const request = await signed('a query call');
  const lookup = () => ({ ...CREDENTIALS, secretAccessKey: 'another' });
  const refused = { code: 'SignatureDoesNotMatch', status: 403 };
  await expect(verifySignature(request, lookup, undefined)).rejects.toMatchObject(refused);
});

it.each([
  [{ 'x-amz-target': 'DynamoDB_20120810.ListTables' }, 'MissingAuthenticationTokenException', 400],
  [{ 'content-type': 'application/x-www-form-urlencoded' }, 'MissingAuthenticationToken', 403],
  [{ 'content-type': 'application/json' }, 'MissingAuthenticationTokenException', 403],
])('refuses an unsigned request with %j', async (headers, code, status) => {
  const request = { method: 'POST', url: '/', headers, body: new Uint8Array() };
  await expect(verifySignature(request, known, undefined)).rejects.toMatchObject({ code, status });
});

it('refuses an expired token, unless the time is undefined', async () => {
  const request = await signed('a query call');
  const now = Date.now();
  const until = (expiresAt: number) => () => ({ ...CREDENTIALS, expiresAt });
  await expect(verifySignature(request, until(now + 1), now)).resolves.toBeDefined();
  await expect(verifySignature(request, until(now), now)).rejects.toMatchObject({ code: 'ExpiredToken' });
  await expect(verifySignature(request, until(now), undefined)).resolves.toBeDefined();
});

it.each([
  ['a query call', 4, undefined],
  ['a query call', 6, 'SignatureDoesNotMatch'],
  ['a query call', -6, 'SignatureDoesNotMatch'],
  ['a JSON call', 6, 'InvalidSignatureException'],
  ['a call of EC2', 6, 'RequestExpired'],
  ['an object under an odd key', 14, undefined],
  ['an object under an odd key', 16, 'RequestTimeTooSkewed'],
  ['an object under an odd key', -16, 'RequestTimeTooSkewed'],
])('%s with a clock that is %i minutes ahead: %s', async (call, minutes, code) => {
  const request = await signed(call);
  const verified = verifySignature(request, known, Date.now() + minutes * 60_000);
  if (code) await expect(verified).rejects.toMatchObject({ code });
  else await expect(verified).resolves.toBeDefined();
});

const withHeaders = (request: WireRequest, headers: WireRequest['headers']): WireRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

const foreign = ({ headers }: WireRequest) => headers.authorization!.replace('ASIAEXAMPLE', 'ASIAFOREIGN');
