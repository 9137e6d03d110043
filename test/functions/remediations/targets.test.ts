/** A target takes only ids that AWS could have made: any other would be refused as malformed, or taken for a resource that is gone. */
import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

const handling = (control: string) => REMEDIATIONS.find(({ handles }) => handles.controls.includes(control))!;
const accepts = (control: string, Type: string, Id: string): boolean =>
  handling(control).target.safeParse({ Type, Id }).success;

const group = (id: string) => `arn:aws:ec2:us-east-1:333333333333:security-group/${id}`;
const key = (id: string) => `arn:aws:kms:us-east-1:333333333333:key/${id}`;
const bucket = (name: string) => `arn:aws:s3:::${name}`;
const trail = (name: string, home = 'us-east-1', owner = '333333333333') =>
  `arn:aws:cloudtrail:${home}:${owner}:trail/${name}`;

const stack = (name: string, id: string) => `arn:aws:cloudformation:us-east-1:333333333333:stack/${name}/${id}`;
const logGroup = (name: string) => `arn:aws:logs:us-east-1:333333333333:log-group:${name}`;
const vpc = (id: string) => `arn:aws:ec2:us-east-1:333333333333:vpc/${id}`;
const instance = (name: string) => `arn:aws:rds:us-east-1:333333333333:db:${name}`;

const GROUP_CONTROLS = ['EC2.2', 'EC2.13', 'EC2.14', 'EC2.18', 'EC2.19'];

describe.each(GROUP_CONTROLS)('%s', (control) => {
  it.each(['sg-0a1b2c3d', 'sg-0123456789abcdef0'])('takes %s', (id) =>
    expect(accepts(control, 'AwsEc2SecurityGroup', group(id))).toBe(true),
  );
  it.each(['sg-1', 'sg-0123456789abcdef', 'sg-0123456789abcdefg', 'sg-0123456789ABCDEF0', 'default', 'sgr-0a1b2c3d'])(
    'does not take %s',
    (id) => expect(accepts(control, 'AwsEc2SecurityGroup', group(id))).toBe(false),
  );
});

const TAKEN: [control: string, type: string, id: string][] = [
  ['KMS.4', 'AwsKmsKey', key('0a1b2c3d-0000-4000-8000-0123456789ab')],
  ['KMS.4', 'AwsKmsKey', key('mrk-0123456789abcdef0123456789abcdef')],
  ['S3.8', 'AwsS3Bucket', bucket('www.made-up-shop.example')],
  ['S3.8', 'AwsS3Bucket', bucket('Reports_2015')],
  ['CloudTrail.4', 'AwsCloudTrailTrail', trail('management-events')],
  ['RDS.8', 'AwsRdsDbInstance', instance('orders-2')],
  ['CloudFormation.3', 'AwsCloudFormationStack', stack('web', '0a1b2c3d-0000-4000-8000-0123456789ab')],
  ['CloudWatch.16', 'AwsLogsLogGroup', logGroup('/aws/lambda/orders')],
  ['CloudWatch.16', 'AwsLogsLogGroup', logGroup('/aws/lambda/orders:*')],
  ['EC2.6', 'AwsEc2Vpc', vpc('vpc-e5b8f483')],
  ['CloudTrail.6', 'AwsS3Bucket', bucket('trails-333333333333')],
];
const REFUSED: typeof TAKEN = [
  ['KMS.4', 'AwsKmsKey', key('1234')],
  ['KMS.4', 'AwsKmsKey', key('mrk-0123')],
  ['S3.8', 'AwsS3Bucket', bucket('ab')],
  ['S3.8', 'AwsS3Bucket', bucket('made up')],
  ['CloudTrail.4', 'AwsCloudTrailTrail', trail('ab')],
  ['CloudTrail.4', 'AwsCloudTrailTrail', trail('-trail')],
  ['CloudTrail.4', 'AwsCloudTrailTrail', trail('trail', 'somewhere')],
  ['CloudTrail.4', 'AwsCloudTrailTrail', trail('trail', 'us-east-1', 'nobody')],
  ['RDS.8', 'AwsRdsDbInstance', instance('2-orders')],
  ['CloudFormation.3', 'AwsCloudFormationStack', stack('2-web', '0a1b2c3d-0000-4000-8000-0123456789ab')],
  ['CloudFormation.3', 'AwsCloudFormationStack', stack('web', 'latest')],
  ['CloudWatch.16', 'AwsLogsLogGroup', logGroup('a b')],
  ['CloudWatch.16', 'AwsLogsLogGroup', logGroup('orders:log-stream:1')],
  ['EC2.6', 'AwsEc2Vpc', vpc('vpc-1')],
  ['RDS.8', 'AwsRdsDbInstance', instance('orders-')],
  ['RDS.8', 'AwsRdsDbInstance', instance('or--ders')],
  ['RDS.8', 'AwsRdsDbInstance', instance('o'.repeat(64))],
];
it.each(TAKEN)('%s takes a %s: %s', (...target) => expect(accepts(...target)).toBe(true));
it.each(REFUSED)('%s does not take a %s: %s', (...target) => expect(accepts(...target)).toBe(false));
