/** S3 as clients over HTTP see it: addresses, redirects and error documents. */
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
