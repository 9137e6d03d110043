/** A genuine finding of EC2.13 and its event, for tests to change. */
import { controlFinding } from '../../lab/organization/finding.ts';

export const ACCOUNT = '333333333333';
export const SECURITY = '111111111111';

export const genuineFinding = () =>
  controlFinding({
    control: 'EC2.13',
    account: ACCOUNT,
    region: 'us-east-1',
    name: 'a1b2c3d4-0000-4000-8000-000000000001',
    title: 'Security groups should not allow ingress from 0.0.0.0/0 to port 22',
    at: new Date('2026-11-01T00:00:00Z'),
    resource: {
      Type: 'AwsEc2SecurityGroup',
      Id: `arn:aws:ec2:us-east-1:${ACCOUNT}:security-group/sg-0123456789abcdef0`,
      Partition: 'aws',
      Region: 'us-east-1',
      Details: {
        AwsEc2SecurityGroup: { GroupName: 'web', GroupId: 'sg-0123456789abcdef0', IpPermissions: [{ FromPort: 22 }] },
      },
    },
  });

export const eventOf = (...findings: unknown[]) => ({
  id: '6f5c1f3e-0000-4000-8000-000000000001',
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: SECURITY,
  region: 'us-east-1',
  time: '2026-11-01T00:00:00Z',
  resources: [] as string[],
  detail: { findings },
});
