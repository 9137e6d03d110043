import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFlowLogsCommand,
  type CreateFlowLogsCommandInput,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import type { Clients, FindingResource, ResourceTags } from '../../../contract/remediation.ts';
import { type Arrange, defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { createBucket } from '../../kit/create-bucket.ts';
import { createLogDestination } from '../../kit/log-destination-fixture.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import logVpcTraffic from './index.ts';

const CLIENTS = { ec2: EC2Client, iam: IAMClient, logs: CloudWatchLogsClient, s3: S3Client };
type FixtureClients = Clients<typeof CLIENTS>;
type Step = Arrange<FixtureClients, { readonly vpc: string }>;

const BUCKET = { bucketName: 'flow-logs-{account}-{region}' };
const LOG_GROUP = { logGroupName: 'rejected', roleName: 'flow-logs' };

const vpcResource = ({ partition, region, account }: ScenarioContext<unknown>, vpc: string): FindingResource => ({
  Type: 'AwsEc2Vpc',
  Id: `arn:${partition}:ec2:${region}:${account}:vpc/${vpc}`,
  Partition: partition,
  Region: region,
});

async function createVpc(ec2: EC2Client, tags: ResourceTags = {}): Promise<string> {
  const Tags = listOfTags(tags);
  const TagSpecifications = Tags.length > 0 ? [{ ResourceType: 'vpc' as const, Tags }] : undefined;
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/24', TagSpecifications }));
  return Vpc!.VpcId!;
}

type FlowLogBucket = { readonly name?: string; readonly policy?: false };

/** Creates a bucket that takes flow logs, unless it is there for another VPC. */
async function flowLogBucket(s3: S3Client, context: ScenarioContext<unknown>, { name, policy }: FlowLogBucket = {}) {
  const Bucket = `${name ?? 'flow-logs'}-${context.account}-${context.region}`;
  await orUndefined(createBucket(s3, Bucket, context), 'BucketAlreadyOwnedByYou');
  const service = { Effect: 'Allow', Principal: { Service: 'delivery.logs.amazonaws.com' } };
  const arn = `arn:${context.partition}:s3:::${Bucket}`;
  const Statement = [
    { ...service, Action: 's3:PutObject', Resource: `${arn}/AWSLogs/${context.account}/*` },
    { ...service, Action: 's3:GetBucketAcl', Resource: arn },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  if (policy !== false) await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  return arn;
}

/** Creates what policy names and a VPC without flow logs. */
const withBucket =
  (tags?: ResourceTags): Step =>
  async ({ ec2, s3 }, context) => {
    await flowLogBucket(s3, context);
    return vpcResource(context, await createVpc(ec2, tags));
  };

const withLogGroup =
  (service: string, roleName: string): Step =>
  async ({ ec2, iam, logs }, context) => {
    await createLogDestination({ iam, logs }, context, { ...LOG_GROUP, roleName }, service);
    return vpcResource(context, await createVpc(ec2));
  };

/** Creates a VPC that has flow logs, or whose subnet has them. */
const withFlowLog =
  (TrafficType: CreateFlowLogsCommandInput['TrafficType'], of: 'VPC' | 'Subnet' = 'VPC'): Step =>
  async ({ ec2, s3 }, context) => {
    await flowLogBucket(s3, context);
    const LogDestination = await flowLogBucket(s3, context, { name: 'own-flow-logs' });
    const VpcId = await createVpc(ec2);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/25' }));
    const ResourceIds = [of === 'VPC' ? VpcId : Subnet!.SubnetId!];
    const to = { LogDestinationType: 's3', LogDestination } as const;
    await ec2.send(new CreateFlowLogsCommand({ ResourceType: of, ResourceIds, TrafficType, ...to }));
    return vpcResource(context, VpcId);
  };

export default defineScenarios(logVpcTraffic, {
  clients: CLIENTS,
  faulty: withBucket(),
  tag: ({ ec2 }, { target }, tags) =>
    ec2.send(new CreateTagsCommand({ Resources: [target.vpc], Tags: listOfTags(tags) })),
  scenarios: {
    'policy names a bucket': { params: BUCKET, expected: 'FIXED' },
    'policy names a bucket, and Terraform manages the VPC': {
      params: BUCKET,
      arrange: withBucket({ ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'policy names a log group and a role': {
      params: LOG_GROUP,
      arrange: withLogGroup('vpc-flow-logs.amazonaws.com', LOG_GROUP.roleName),
      expected: 'FIXED',
    },
    'only its accepted traffic is logged': {
      params: BUCKET,
      arrange: withFlowLog('ACCEPT'),
      expected: 'FIXED',
    },
    'only the traffic of a subnet is logged': {
      params: BUCKET,
      arrange: withFlowLog('ALL', 'Subnet'),
      expected: 'FIXED',
    },
    'policy names no destination': { expected: 'REFUSED' },
    'policy names a log group, and no role': { params: { logGroupName: 'rejected' }, expected: 'REFUSED' },
    'the log group does not exist': {
      params: { ...LOG_GROUP, logGroupName: 'no-such-group' },
      expected: 'REFUSED',
    },
    'the role trusts another service': {
      params: { ...LOG_GROUP, roleName: 'lambda-flow-logs' },
      arrange: withLogGroup('lambda.amazonaws.com', 'lambda-flow-logs'),
      expected: 'REFUSED',
    },
    'its rejected traffic is logged already': {
      params: BUCKET,
      arrange: withFlowLog('REJECT'),
      expected: 'COMPLIANT',
    },
    'all of its traffic is logged already': { params: BUCKET, arrange: withFlowLog('ALL'), expected: 'COMPLIANT' },
    'it is gone': {
      params: BUCKET,
      arrange: async (_, context) => vpcResource(context, 'vpc-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});
