/** S3 as clients over HTTP see it: addresses, redirects and error documents. */
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';

const ACCOUNT = '111122223333';
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox({
    organization: { id: 'o-example01', managementAccount: ACCOUNT, accounts: [{ id: ACCOUNT, name: 'one' }] },
    homeRegion: 'us-east-1',
  });
});
afterAll(() => sandbox.close());

/** Sends a signed request and returns the answer as it is on the wire. */
async function answer(method: string, path: string, region = 'us-east-1', service = 's3', form?: string) {
  const { credentials } = sandbox.administrator(ACCOUNT);
  const url = new URL(path, sandbox.endpoint);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const request = new HttpRequest({
    method,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) },
    ...(form && { body: form }),
  });
  const { headers } = await signer.sign(request);
  const response = await fetch(url, { method, headers, ...(form && { body: form }), redirect: 'manual' });
  return { status: response.status, region: response.headers.get('x-amz-bucket-region'), body: await response.text() };
}

describe("the answer of another Region than the bucket's", () => {
  beforeAll(async () => {
    const s3 = new S3Client(sandbox.administrator(ACCOUNT, 'eu-west-1'));
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
    await s3.send(new CreateBucketCommand({ Bucket: 'in-ireland', CreateBucketConfiguration }));
  });
  it('names Region, endpoint and bucket', async () => {
    const { status, region, body } = await answer('GET', '/in-ireland?tagging=');
    expect({ status, region }).toEqual({ status: 301, region: 'eu-west-1' });
    expect(body).toMatch(/<Error><Code>PermanentRedirect<.*<Bucket>in-ireland</s);
    expect(body).toContain('<Endpoint>in-ireland.s3.eu-west-1.amazonaws.com</Endpoint>');
  });
  it('names the Region to HEAD too', async () => {
    expect(await answer('HEAD', '/in-ireland')).toEqual({ status: 301, region: 'eu-west-1', body: '' });
  });
  it('is the location, for GetBucketLocation', async () => {
    const { status, body } = await answer('GET', '/in-ireland?location=');
    expect([status, body]).toEqual([200, expect.stringContaining('>eu-west-1</LocationConstraint>')]);
  });
});

it('an error document has no namespace, and what S3 adds', async () => {
  const { body } = await answer('GET', '/not-there?tagging=');
  expect(body).toMatch(/<Error><Code>NoSuchBucket<\/Code>.*<BucketName>not-there<\/BucketName>/s);
  expect(body).not.toContain('xmlns');
});

describe('a service that the sandbox does not have', () => {
  it.each([
    ['cloudfront', '/2020-05-31/distribution', undefined, /<ErrorResponse.*<Code>NotModelled<\/Code>/s],
    ['elasticloadbalancing', '/', 'Action=DescribeLoadBalancers&Version=2012-06-01', /<Code>NotModelled<\/Code>/],
    ['autoscaling', '/', 'Action=DescribeAutoScalingGroups&Version=2011-01-01', /<Code>NotModelled<\/Code>/],
  ])('is refused in the form of its protocol: %s', async (service, path, form, document) => {
    const { status, body } = await answer(form ? 'POST' : 'GET', path, 'us-east-1', service, form);
    expect({ status, body }).toEqual({ status: 501, body: expect.stringMatching(document) });
  });
});

it.each(['plain-name', 'www.made-up-shop.example'])('takes the bucket %s from the host', async (Bucket) => {
  const settings = { ...sandbox.administrator(ACCOUNT), forcePathStyle: false };
  const s3 = new S3Client({ ...settings, endpoint: sandbox.endpoint.replace('127.0.0.1', 'localhost') });
  const hosts: string[] = [];
  s3.middlewareStack.add(
    (next) => async (args: any) => {
      hosts.push(args.request.hostname);
      return next(args);
    },
    { step: 'finalizeRequest' },
  );
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'x' }));
  expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('us-east-1');
  expect(new Set(hosts)).toEqual(new Set([`${Bucket}.localhost`]));
});
