import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { DeleteBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { updateTrail } from '../../../../functions/remediations/cloudtrail/trail.ts';
import { trail } from '../../../../functions/remediations/kit/trail-fixture.ts';
import type { Sandbox } from '../../../../sandbox/create-sandbox.ts';
import { cloudtrail } from '../../../../sandbox/services/cloudtrail/index.ts';
import { iam } from '../../../../sandbox/services/iam/index.ts';
import { kms } from '../../../../sandbox/services/kms/index.ts';
import { logs } from '../../../../sandbox/services/logs/index.ts';
import { s3 } from '../../../../sandbox/services/s3/index.ts';
import { administratorClient, sandboxFor } from '../../../sandbox/support/sdk-client.ts';

const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };
const TRAIL = { home: PLACE.region, owner: PLACE.account, trail: 'management-events' };

let sandbox: Sandbox;
let trails: CloudTrailClient;
let buckets: S3Client;

beforeEach(async () => {
  sandbox = await sandboxFor(cloudtrail, iam, kms, logs, s3);
  trails = administratorClient(sandbox, CloudTrailClient);
  buckets = administratorClient(sandbox, S3Client);
  await trail(trails, buckets, { ...PLACE, name: TRAIL.trail, target: TRAIL } as never);
});
afterEach(() => sandbox.close());

const update = (settings: object) => updateTrail({ cloudtrail: trails, ...PLACE, target: TRAIL }, settings);

it("names what the bucket's policy must allow CloudTrail", async () => {
  const Bucket = `logs${TRAIL.trail}-${PLACE.account}-${PLACE.region}`;
  await buckets.send(new DeleteBucketPolicyCommand({ Bucket }));
  expect(await update({ EnableLogFileValidation: true })).toEqual({
    refused: expect.stringContaining('let cloudtrail.amazonaws.com write to the bucket in its policy'),
  });
});

it('says that the role needs permissions on the log group', async () => {
  await administratorClient(sandbox, CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: 'trail' }));
  const Statement = [{ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const role = new CreateRoleCommand({ RoleName: 'powerless', AssumeRolePolicyDocument });
  await administratorClient(sandbox, IAMClient).send(role);
  const refusal = await update({
    CloudWatchLogsLogGroupArn: `arn:aws:logs:${PLACE.region}:${PLACE.account}:log-group:trail:*`,
    CloudWatchLogsRoleArn: `arn:aws:iam::${PLACE.account}:role/powerless`,
  });
  expect(refusal).toEqual({ refused: expect.stringContaining('let the role write to the log group') });
});

it('says that the key does not exist', async () => {
  const KmsKeyId = `arn:aws:kms:${PLACE.region}:444455556666:key/0a1b2c3d-0000-4000-8000-0123456789ab`;
  expect(await update({ KmsKeyId })).toEqual({ refused: expect.stringContaining('name a key of the Region') });
});

it('returns nothing if the change is made, and other errors as they are', async () => {
  expect(await update({ EnableLogFileValidation: true })).toBeUndefined();
  await expect(
    updateTrail({ cloudtrail: trails, ...PLACE, target: { ...TRAIL, trail: 'no-such-trail' } }, {}),
  ).rejects.toMatchObject({ name: 'TrailNotFoundException' });
});
