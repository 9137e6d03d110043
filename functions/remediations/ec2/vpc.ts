/** A VPC: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html */
import { DescribeVpcsCommand, type EC2Client, type Vpc } from '@aws-sdk/client-ec2';
import { arn, type Place } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';

export const VPC_ARN = 'arn:{partition}:ec2:{region}:{account}:vpc/{vpc}';
export const vpcTarget = arn('AwsEc2Vpc', VPC_ARN, { vpc: /vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})/ });

/** Returns undefined if the VPC is gone. */
export async function findVpc(ec2: EC2Client, vpc: string): Promise<Vpc | undefined> {
  const answer = ec2.send(new DescribeVpcsCommand({ VpcIds: [vpc] }));
  return (await orUndefined(answer, 'InvalidVpcID.NotFound'))?.Vpcs?.[0];
}

/** Returns why the account cannot change what belongs to the VPC, or undefined. */
export const sharedVpcObstacle = ({ OwnerId }: Vpc, { account }: Pick<Place, 'account'>): string | undefined =>
  OwnerId === undefined || OwnerId === account
    ? undefined
    : `the account ${OwnerId} shares the VPC with this one: only its owner can log its traffic`;
