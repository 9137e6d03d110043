/** The permissions to create and delete flow logs, and the destinations that policy names. */
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type * as z from 'zod';
import { type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { findLogGroup } from '../kit/find-log-group.ts';
import { serviceRoleObstacle } from '../kit/service-role.ts';
import { destinationIn, FLOW_LOG_SERVICE, type FlowLogParams } from './flow-logs.ts';
import { findVpc, sharedVpcObstacle, VPC_ARN } from './vpc.ts';

const ANY_FLOW_LOG = 'arn:{partition}:ec2:{region}:{account}:vpc-flow-log/*';
const ID_BY_AWS = 'AWS chooses the ids of flow logs';

export const FLOW_LOG_READS = [
  {
    actions: ['ec2:DescribeVpcs', 'ec2:DescribeFlowLogs'],
    resources: ['*'],
    because: 'its owner, tags and flow logs; EC2 takes no resource for Describe*',
  },
  { actions: ['logs:DescribeLogGroups'], resources: ['*'], because: 'takes no resource: whether the group exists' },
  {
    actions: ['iam:GetRole'],
    resources: ['arn:{partition}:iam::{account}:role/*'],
    because: 'whether flow logs may use the role that policy names',
  },
] as const;

export const FLOW_LOG_WRITES = [
  { actions: ['ec2:CreateFlowLogs'], resources: [VPC_ARN], because: 'logs the traffic of the VPC' },
  {
    actions: ['ec2:CreateFlowLogs'],
    resources: [ANY_FLOW_LOG],
    because: 'creates the flow log',
    wildcardBecause: ID_BY_AWS,
  },
  {
    actions: ['logs:CreateLogDelivery'],
    resources: ['*'],
    because: 'flow logs to a bucket are deliveries of CloudWatch Logs',
    wildcardBecause: 'IAM knows no resource of a delivery',
  },
  {
    actions: ['iam:PassRole'],
    resources: ['arn:{partition}:iam::{account}:role/{role}'],
    because: 'the role that writes to the log group',
    only: { 'iam:PassedToService': FLOW_LOG_SERVICE },
  },
] as const;

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html */
export const FLOW_LOG_DELETES = [
  { actions: ['ec2:DescribeFlowLogs'], resources: ['*'], because: 'which flow log it is: takes no resource' },
  {
    actions: ['ec2:DeleteFlowLogs'],
    resources: [ANY_FLOW_LOG],
    because: 'deletes the flow log that was created',
    wildcardBecause: ID_BY_AWS,
  },
  {
    actions: ['logs:DeleteLogDelivery'],
    resources: ['*'],
    because: 'ends the delivery to a bucket',
    wildcardBecause: 'IAM knows no resource of a delivery',
  },
] as const;

type ObjectionContext = Place & {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly params: z.infer<typeof FlowLogParams>;
  readonly target: { readonly vpc: string };
};

/**
 * Returns a refusal that says what is missing, or who owns the VPC. EC2 checks a bucket when it creates the flow log.
 */
export async function flowLogObjection(context: ObjectionContext): Promise<Refusal | undefined> {
  const because = await flowLogObstacle(context);
  return because === undefined ? undefined : refused(because);
}

async function flowLogObstacle({
  ec2,
  iam,
  logs,
  params,
  target,
  ...place
}: ObjectionContext): Promise<string | undefined> {
  const vpc = await findVpc(ec2, target.vpc);
  const shared = vpc && sharedVpcObstacle(vpc, place);
  if (shared !== undefined || params.bucketName !== undefined) return shared;
  const group = destinationIn(params, place)!;
  if (!(await findLogGroup(logs, group)))
    return `the log group ${group} does not exist: create it, or name another in params.logGroupName`;
  return serviceRoleObstacle(iam, params.roleName!, FLOW_LOG_SERVICE);
}
