/** Buckets with every setting and an object, and the public access block of another account. */
import { FINDING_PLACE } from '../places.ts';
import type { TownBuilder } from './site.ts';

export const buildS3: TownBuilder = async ({ call, name, region, partition }) => {
  const Bucket = name;
  const location = region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region } };
  await call('CreateBucket', { Bucket, ObjectOwnership: 'BucketOwnerPreferred', ...location });
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true, IgnorePublicAcls: true };
  await call('PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration });
  await call('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  await call('PutBucketTagging', { Bucket, Tagging: { TagSet: [{ Key: 'owner', Value: 'town' }] } });
  await call('PutBucketWebsite', { Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } } });
  const rule = { ID: 'town', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } };
  await call('PutBucketLifecycleConfiguration', { Bucket, LifecycleConfiguration: { Rules: [rule] } });
  // Everybody may write, so that nothing but the remediation's own permissions keeps it out.
  const arn = `arn:${partition}:s3:::${Bucket}`;
  const anybody = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`] };
  await call('PutBucketPolicy', { Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [anybody] }) });
  await call('PutObject', { Bucket, Key: 'reports/2026.csv', Body: Buffer.from('a,b'), ContentType: 'text/csv' });
};

/** Leaves out the finding's own account, whose settings scenarios create. */
export const buildS3Control: TownBuilder = async ({ call, account, region }) => {
  if (account === FINDING_PLACE.account || region !== FINDING_PLACE.region) return;
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
  await call('PutPublicAccessBlock', { AccountId: account, PublicAccessBlockConfiguration });
};
