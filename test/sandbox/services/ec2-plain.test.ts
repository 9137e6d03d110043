import {
  CreateFlowLogsCommand,
  type CreateFlowLogsCommandInput,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryCommandInput,
  CreateSnapshotCommand,
  CreateTransitGatewayCommand,
  CreateVolumeCommand,
  DeleteFlowLogsCommand,
  DeleteNetworkAclEntryCommand,
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeTransitGatewaysCommand,
  DescribeVpcsCommand,
  EC2Client,
  EnableSnapshotBlockPublicAccessCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifySnapshotAttributeCommand,
  ModifySubnetAttributeCommand,
  ModifyTransitGatewayCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { s3 } from '../../../sandbox/services/s3/index.ts';
import { administratorClient, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
let client: EC2Client;
beforeEach(async () => {
  sandbox = await sandboxFor(ec2, s3);
  client = administratorClient(sandbox, EC2Client);
});
afterEach(() => sandbox.close());

const subnets = async () => (await client.send(new DescribeSubnetsCommand({}))).Subnets!;
const defaultVpc = async () => (await client.send(new DescribeVpcsCommand({}))).Vpcs![0]!.VpcId!;

it('a subnet of the default VPC maps public addresses by default', async () => {
  const [first, second] = await subnets();
  expect(first).toMatchObject({ DefaultForAz: true, MapPublicIpOnLaunch: true });
  const off = { SubnetId: first!.SubnetId, MapPublicIpOnLaunch: { Value: false } };
  await client.send(new ModifySubnetAttributeCommand(off));
  const mapping = new Map((await subnets()).map((each) => [each.SubnetId, each.MapPublicIpOnLaunch]));
  expect([mapping.get(first!.SubnetId), mapping.get(second!.SubnetId)]).toEqual([false, true]);
  const assign = { SubnetId: first!.SubnetId, AssignIpv6AddressOnCreation: { Value: true } };
  await expect(client.send(new ModifySubnetAttributeCommand(assign))).rejects.toMatchObject({ name: 'NotModelled' });
});

describe('a network ACL', () => {
  const rdp = { RuleNumber: 50, Protocol: '6', RuleAction: 'deny', PortRange: { From: 3389, To: 3389 } } as const;
  const create = (NetworkAclId: string, more: Partial<CreateNetworkAclEntryCommandInput> = {}) =>
    client.send(
      new CreateNetworkAclEntryCommand({ NetworkAclId, Egress: false, CidrBlock: '0.0.0.0/0', ...rdp, ...more }),
    );
  const described = async () => (await client.send(new DescribeNetworkAclsCommand({}))).NetworkAcls!;
  const ingress = async () =>
    (await described())[0]!.Entries!.filter(({ Egress }) => !Egress).map(({ RuleNumber }) => RuleNumber);

  it('has its entries in order, and each number once', async () => {
    const [{ NetworkAclId, Associations, IsDefault } = {}] = await described();
    expect([IsDefault, Associations!.length]).toEqual([true, 3]);
    await create(NetworkAclId!);
    expect(await ingress()).toEqual([50, 100, 32_767]);
    await expect(create(NetworkAclId!)).rejects.toMatchObject({ name: 'NetworkAclEntryAlreadyExists' });
    const entry = { NetworkAclId, RuleNumber: 50, Egress: false };
    await client.send(new DeleteNetworkAclEntryCommand(entry));
    expect(await ingress()).toEqual([100, 32_767]);
    await expect(client.send(new DeleteNetworkAclEntryCommand(entry))).rejects.toMatchObject({
      name: 'InvalidNetworkAclEntry.NotFound',
    });
  });

  it('denies everything when it is new, and has at most twenty entries a direction', async () => {
    const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId: await defaultVpc() }));
    expect(NetworkAcl!.Entries!.map(({ RuleAction }) => RuleAction)).toEqual(['deny', 'deny']);
    const id = NetworkAcl!.NetworkAclId!;
    for (let RuleNumber = 1; RuleNumber < 20; RuleNumber += 1) await create(id, { RuleNumber });
    await expect(create(id, { RuleNumber: 20 })).rejects.toMatchObject({ name: 'NetworkAclEntryLimitExceeded' });
  });

  it.each<[Partial<CreateNetworkAclEntryCommandInput>, string]>([
    [{ RuleNumber: 32_767 }, 'InvalidParameterValue'],
    [{ PortRange: undefined }, 'MissingParameter'],
    [{ Protocol: 'tcp' }, 'InvalidParameterValue'],
    [{ CidrBlock: undefined }, 'MissingParameter'],
  ])('refuses an entry with %o', async (more, name) => {
    const [{ NetworkAclId } = {}] = await described();
    await expect(create(NetworkAclId!, more)).rejects.toMatchObject({ name });
  });
});

describe('an EBS snapshot', () => {
  let SnapshotId: string;
  const share = (OperationType: 'add' | 'remove', GroupNames: string[], UserIds: string[] = []) =>
    client.send(
      new ModifySnapshotAttributeCommand({
        SnapshotId,
        Attribute: 'createVolumePermission',
        OperationType,
        ...(GroupNames.length > 0 && { GroupNames }),
        ...(UserIds.length > 0 && { UserIds }),
      }),
    );
  const sharedWith = async () =>
    (await client.send(new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' })))
      .CreateVolumePermissions;
  const publicSnapshots = async () =>
    (await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], RestorableByUserIds: ['all'] }))).Snapshots!;
  beforeEach(async () => {
    const AvailabilityZone = `${CLIENT_PLACE.region}a`;
    const { VolumeId } = await client.send(new CreateVolumeCommand({ AvailabilityZone, Size: 8 }));
    ({ SnapshotId = '' } = await client.send(new CreateSnapshotCommand({ VolumeId })));
  });

  it('is private until somebody shares it', async () => {
    expect([await sharedWith(), await publicSnapshots()]).toEqual([[], []]);
    await share('add', ['all'], ['444455556666']);
    expect(await sharedWith()).toEqual([{ UserId: '444455556666' }, { Group: 'all' }]);
    expect(await publicSnapshots()).toMatchObject([{ SnapshotId, State: 'completed', OwnerId: '111122223333' }]);
    await share('remove', ['all']);
    expect(await sharedWith()).toEqual([{ UserId: '444455556666' }]);
    expect(await publicSnapshots()).toEqual([]);
  });

  it('does not become public if the account blocks that', async () => {
    await client.send(new EnableSnapshotBlockPublicAccessCommand({ State: 'block-new-sharing' }));
    await expect(share('add', ['all'])).rejects.toMatchObject({ name: 'NotModelled' });
    await share('add', [], ['444455556666']);
  });
});

describe('an instance', () => {
  const run = async () =>
    (await client.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1 }))).Instances![0]!;
  const options = async () =>
    (await client.send(new DescribeInstancesCommand({}))).Reservations![0]!.Instances![0]!.MetadataOptions;

  it('has metadata options, which are pending for seconds after a change', async () => {
    const { InstanceId } = await run();
    expect(await options()).toMatchObject({ State: 'applied', HttpTokens: 'optional', HttpPutResponseHopLimit: 1 });
    const change = { InstanceId, HttpTokens: 'required', HttpPutResponseHopLimit: 2 } as const;
    await client.send(new ModifyInstanceMetadataOptionsCommand(change));
    expect(await options()).toMatchObject({ State: 'pending', HttpTokens: 'required', HttpEndpoint: 'enabled' });
    await sandbox.kernel.clock.advance(10_000);
    expect(await options()).toMatchObject({ State: 'applied', HttpPutResponseHopLimit: 2 });
  });

  it('keeps its options after its termination', async () => {
    const { InstanceId } = await run();
    await client.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId!] }));
    const change = { InstanceId, HttpTokens: 'required' } as const;
    await expect(client.send(new ModifyInstanceMetadataOptionsCommand(change))).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
  });
});

describe('flow logs', () => {
  const create = async (more: Partial<CreateFlowLogsCommandInput> = {}) =>
    client.send(
      new CreateFlowLogsCommand({
        ResourceIds: [await defaultVpc()],
        ResourceType: 'VPC',
        TrafficType: 'REJECT',
        LogGroupName: 'flows',
        DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flows',
        ...more,
      }),
    );
  const described = async () => (await client.send(new DescribeFlowLogsCommand({}))).FlowLogs!;

  it('exist until somebody deletes them', async () => {
    const { FlowLogIds } = await create();
    expect(await described()).toMatchObject([
      { FlowLogId: FlowLogIds![0], TrafficType: 'REJECT', FlowLogStatus: 'ACTIVE', MaxAggregationInterval: 600 },
    ]);
    await expect(create()).rejects.toMatchObject({ name: 'FlowLogAlreadyExists' });
    const { Unsuccessful } = await client.send(
      new DeleteFlowLogsCommand({ FlowLogIds: [...FlowLogIds!, 'fl-12345678'] }),
    );
    expect(Unsuccessful).toMatchObject([{ ResourceId: 'fl-12345678' }]);
    expect(await described()).toEqual([]);
  });

  it('report an unknown resource in the answer instead of an error', async () => {
    const s3Logs = {
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::nowhere',
      LogGroupName: undefined,
    } as const;
    const answer = await create({ ...s3Logs, DeliverLogsPermissionArn: undefined });
    expect(answer.FlowLogIds).toEqual([]);
    expect(answer.Unsuccessful).toMatchObject([
      { Error: { Code: '400', Message: 'LogDestination: nowhere does not exist' } },
    ]);
    await expect(create({ DeliverLogsPermissionArn: undefined })).rejects.toMatchObject({ name: 'MissingParameter' });
  });
});

it('a transit gateway takes minutes to change', async () => {
  const options = { AutoAcceptSharedAttachments: 'enable' } as const;
  const { TransitGateway } = await client.send(new CreateTransitGatewayCommand({ Options: options }));
  const TransitGatewayId = TransitGateway!.TransitGatewayId!;
  const disable = () =>
    client.send(
      new ModifyTransitGatewayCommand({ TransitGatewayId, Options: { AutoAcceptSharedAttachments: 'disable' } }),
    );
  await expect(disable()).rejects.toMatchObject({ name: 'IncorrectState' });
  await sandbox.kernel.clock.advance(3 * 60_000);
  expect((await disable()).TransitGateway).toMatchObject({ State: 'modifying' });
  await sandbox.kernel.clock.advance(3 * 60_000);
  const { TransitGateways } = await client.send(new DescribeTransitGatewaysCommand({}));
  expect(TransitGateways).toMatchObject([
    { State: 'available', Options: { AutoAcceptSharedAttachments: 'disable', DnsSupport: 'enable' } },
  ]);
});
