/** Reads by scanners, of resources that cannot be created in the sandbox. */
import { CloudTrailClient, CreateTrailCommand, GetInsightSelectorsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  IAMClient,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListSAMLProvidersCommand,
  ListVirtualMFADevicesCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketReplicationCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { cloudtrail } from '../../../sandbox/services/cloudtrail/index.ts';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { s3 } from '../../../sandbox/services/s3/index.ts';
import { administratorClient, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await sandboxFor(ec2, iam, s3, cloudtrail);
});
afterEach(() => sandbox.close());

it('each VPC has a main route table with the route to itself', async () => {
  const client = administratorClient(sandbox, EC2Client);
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }));
  const Filters = [{ Name: 'vpc-id', Values: [Vpc!.VpcId!] }];
  const { RouteTables } = await client.send(new DescribeRouteTablesCommand({ Filters }));
  expect(RouteTables).toMatchObject([
    {
      VpcId: Vpc!.VpcId,
      Associations: [{ Main: true }],
      Routes: [{ DestinationCidrBlock: '10.1.0.0/16', GatewayId: 'local', State: 'active' }],
    },
  ]);
  expect((await client.send(new DescribeRouteTablesCommand({}))).RouteTables).toHaveLength(2);
});

it('EC2 lists no resources of types that cannot be created, and refuses their ids', async () => {
  const client = administratorClient(sandbox, EC2Client);
  expect((await client.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints ?? []).toEqual([]);
  const named = client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: ['vpce-0123456789abcdef0'] }));
  await expect(named).rejects.toMatchObject({ name: 'NotModelled' });
});

it('EC2 refuses a tag specification without tags', async () => {
  const command = new RunInstancesCommand({
    ImageId: 'ami-0123456789abcdef0',
    InstanceType: 't4g.nano',
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [] }],
  });
  const error = { name: 'InvalidParameterValue', message: 'Tag specification must have at least one tag' };
  await expect(administratorClient(sandbox, EC2Client).send(command)).rejects.toMatchObject(error);
});

it('IAM lists attached policies of both kinds, and all of the account', async () => {
  const client = administratorClient(sandbox, IAMClient);
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
  });
  const Tags = [{ Key: 'team', Value: 'shop' }];
  const own = await client.send(new CreatePolicyCommand({ PolicyName: 'own', PolicyDocument, Tags }));
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  await client.send(new CreateRoleCommand({ RoleName: 'support', AssumeRolePolicyDocument }));
  const PolicyArn = 'arn:aws:iam::aws:policy/AWSSupportAccess';
  await client.send(new AttachRolePolicyCommand({ RoleName: 'support', PolicyArn }));
  const listed = async (input: object) =>
    (await client.send(new ListPoliciesCommand(input))).Policies!.map(({ PolicyName }) => PolicyName);
  expect(await listed({ Scope: 'AWS', OnlyAttached: true })).toEqual(['AWSSupportAccess', 'AdministratorAccess']);
  expect(await listed({ OnlyAttached: true })).toEqual(['AWSSupportAccess', 'AdministratorAccess']);
  expect(await listed({ Scope: 'Local' })).toEqual(['own']);
  const tags = await client.send(new ListPolicyTagsCommand({ PolicyArn: own.Policy!.Arn }));
  expect(tags.Tags).toEqual(Tags);
});

it('IAM reports which services the policies of an entity allow, and when it used them last', async () => {
  const client = administratorClient(sandbox, IAMClient);
  await client.send(new CreateUserCommand({ UserName: 'ann' }));
  const reportOf = async (Arn: string) => {
    const { JobId } = await client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn }));
    return client.send(new GetServiceLastAccessedDetailsCommand({ JobId: JobId! }));
  };
  const ann = `arn:aws:iam::${CLIENT_PLACE.account}:user/ann`;
  expect(await reportOf(ann)).toMatchObject({ JobStatus: 'COMPLETED', ServicesLastAccessed: [] });
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['ec2:Describe*', 'S3:GetObject'], Resource: '*' },
      { Effect: 'Deny', Action: 'iam:*', Resource: '*' },
    ],
  });
  await client.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'reads', PolicyDocument }));
  const { AccessKey } = await client.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const asAnn = new EC2Client({ ...sandbox.administrator(CLIENT_PLACE.account), credentials });
  await asAnn.send(new DescribeRouteTablesCommand({}));
  expect((await reportOf(ann)).ServicesLastAccessed).toMatchObject([
    { ServiceNamespace: 'ec2', ServiceName: 'Amazon EC2', TotalAuthenticatedEntities: 1, LastAuthenticatedEntity: ann },
    { ServiceNamespace: 's3', ServiceName: 'Amazon S3', TotalAuthenticatedEntities: 0 },
  ]);
  await expect(reportOf(`${ann}a`)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
});

it('each Region has the gateway endpoints of S3 and DynamoDB', async () => {
  const client = administratorClient(sandbox, EC2Client);
  const { ServiceNames } = await client.send(new DescribeVpcEndpointServicesCommand({}));
  expect(ServiceNames).toEqual(['dynamodb', 's3'].map((name) => `com.amazonaws.${CLIENT_PLACE.region}.${name}`));
});

it('IAM lists virtual MFA devices by their assignment', async () => {
  const client = administratorClient(sandbox, IAMClient);
  await client.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'ann' }));
  const listed = async (AssignmentStatus?: 'Assigned' | 'Unassigned') =>
    (await client.send(new ListVirtualMFADevicesCommand({ AssignmentStatus }))).VirtualMFADevices;
  expect(await listed()).toMatchObject([{ SerialNumber: `arn:aws:iam::${CLIENT_PLACE.account}:mfa/ann` }]);
  expect(await listed('Unassigned')).toHaveLength(1);
  expect(await listed('Assigned')).toEqual([]);
  expect((await client.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toEqual([]);
});

it('buckets have no replication and no notifications, trails no insights', async () => {
  const client = administratorClient(sandbox, S3Client);
  await client.send(new CreateBucketCommand({ Bucket: 'trail-logs' }));
  const replication = client.send(new GetBucketReplicationCommand({ Bucket: 'trail-logs' }));
  await expect(replication).rejects.toMatchObject({ name: 'ReplicationConfigurationNotFoundError' });
  const shown = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'trail-logs' }));
  expect(shown.QueueConfigurations).toBeUndefined();
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: ['s3:GetBucketAcl', 's3:PutObject'],
    Resource: ['arn:aws:s3:::trail-logs', 'arn:aws:s3:::trail-logs/*'],
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await client.send(new PutBucketPolicyCommand({ Bucket: 'trail-logs', Policy }));
  const trails = administratorClient(sandbox, CloudTrailClient);
  await trails.send(new CreateTrailCommand({ Name: 'events', S3BucketName: 'trail-logs' }));
  const insights = trails.send(new GetInsightSelectorsCommand({ TrailName: 'events' }));
  await expect(insights).rejects.toMatchObject({ name: 'InsightNotEnabledException' });
});
