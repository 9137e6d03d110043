/** A trail that logs, with its bucket. */
import type { TownBuilder } from './site.ts';

export const buildCloudtrail: TownBuilder = async ({ call, callOther, name, region, account, partition }) => {
  const S3BucketName = `${name}-trail`;
  const arn = `arn:${partition}:s3:::${S3BucketName}`;
  const location = region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region } };
  await callOther('s3', 'CreateBucket', { Bucket: S3BucketName, ...location });
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: arn },
    { ...service, Action: 's3:PutObject', Resource: `${arn}/AWSLogs/${account}/*` },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await callOther('s3', 'PutBucketPolicy', { Bucket: S3BucketName, Policy });
  await call('CreateTrail', { Name: 'town', S3BucketName, TagsList: [{ Key: 'owner', Value: 'town' }] });
  await call('PutEventSelectors', { TrailName: 'town', EventSelectors: [{ ReadWriteType: 'WriteOnly' }] });
  await call('StartLogging', { Name: 'town' });
};
