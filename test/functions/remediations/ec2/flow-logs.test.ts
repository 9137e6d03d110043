import {
  CreateFlowLogsCommand,
  type CreateFlowLogsCommandInput,
  CreateVpcCommand,
  DescribeFlowLogsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFlowLog, deleteFlowLog } from '../../../../functions/remediations/ec2/flow-logs.ts';
import { sharedVpcObstacle } from '../../../../functions/remediations/ec2/vpc.ts';
import { createBucket } from '../../../../functions/remediations/kit/create-bucket.ts';
import type { Sandbox } from '../../../../sandbox/create-sandbox.ts';
import { ec2 } from '../../../../sandbox/services/ec2/index.ts';
import { s3 } from '../../../../sandbox/services/s3/index.ts';
import { administratorClient, CLIENT_PLACE, sandboxFor } from '../../../sandbox/support/sdk-client.ts';

let sandbox: Sandbox;
let client: EC2Client;
let vpc: string;

beforeEach(async () => {
  sandbox = await sandboxFor(ec2, s3);
  client = administratorClient(sandbox, EC2Client);
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/24' }));
  vpc = Vpc!.VpcId!;
});
afterEach(() => sandbox.close());

const context = () => ({ ec2: client, ...CLIENT_PLACE, target: { vpc } });
const flowLogs = async () => (await client.send(new DescribeFlowLogsCommand({}))).FlowLogs!;

it("is refused with EC2's message if the bucket of another account does not allow delivery", async () => {
  const elsewhere = new S3Client(sandbox.administrator('000000000001'));
  await createBucket(elsewhere, 'central-logs', CLIENT_PLACE);
  expect(await createFlowLog(context(), 'arn:aws:s3:::central-logs', undefined)).toEqual({
    refused:
      'EC2 created no flow log: Access Denied for LogDestination: central-logs. Please check LogDestination permission (400)',
  });
  expect(await flowLogs()).toEqual([]);
});

it('is created once, and EC2 adds the delivery to the policy of the bucket', async () => {
  const own = administratorClient(sandbox, S3Client);
  await createBucket(own, 'own-logs', CLIENT_PLACE);
  for (const _ of [1, 2]) expect(await createFlowLog(context(), 'arn:aws:s3:::own-logs', undefined)).toBeUndefined();
  expect(await flowLogs()).toMatchObject([{ ResourceId: vpc, TrafficType: 'REJECT' }]);
  const { Policy } = await own.send(new GetBucketPolicyCommand({ Bucket: 'own-logs' }));
  expect(Policy).toContain('delivery.logs.amazonaws.com');
});

it("leaves the owner's flow logs in a rollback", async () => {
  const group = { LogGroupName: 'flows', DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flows' };
  const of: CreateFlowLogsCommandInput = { ResourceType: 'VPC', ResourceIds: [vpc], TrafficType: 'ALL' };
  await client.send(new CreateFlowLogsCommand({ ...of, ...group }));
  expect(await createFlowLog(context(), 'flows', 'flows')).toBeUndefined();
  for (const _ of [1, 2]) expect(await deleteFlowLog(context(), 'flows')).toBeUndefined();
  expect(await flowLogs()).toMatchObject([{ TrafficType: 'ALL' }]);
});

it('is left to the owner of a shared VPC', () => {
  expect(sharedVpcObstacle({ OwnerId: '444455556666' }, CLIENT_PLACE)).toMatch(/444455556666 shares the VPC/);
  expect(sharedVpcObstacle({ OwnerId: CLIENT_PLACE.account }, CLIENT_PLACE)).toBeUndefined();
});
