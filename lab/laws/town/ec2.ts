/** VPCs, subnets, groups with rules of every kind, interfaces and prefix lists. */
import type { Place } from '../../../functions/contract/remediation.ts';
import { FINDING_PLACE, OTHER_PLACE } from '../places.ts';
import type { TownBuilder, TownSite } from './site.ts';

const TAGS = [{ Key: 'owner', Value: 'town' }];
const tagged = (ResourceType: string) => ({ TagSpecifications: [{ ResourceType, Tags: TAGS }] });

export const buildEc2: TownBuilder = async ({ call, ...place }) => {
  const { account, region } = place;
  const { Vpc } = await call('CreateVpc', { CidrBlock: '10.9.0.0/16', ...tagged('vpc') });
  const { VpcId } = Vpc;
  const { Subnet } = await call('CreateSubnet', { VpcId, CidrBlock: '10.9.1.0/24', ...tagged('subnet') });
  const group = { VpcId, GroupName: 'town', Description: 'town', ...tagged('security-group') };
  const { GroupId } = await call('CreateSecurityGroup', group);
  const Entries = [{ Cidr: '10.0.0.0/8', Description: 'offices' }];
  const list = { PrefixListName: 'town', AddressFamily: 'IPv4', MaxEntries: 5, Entries, ...tagged('prefix-list') };
  const { PrefixList } = await call('CreateManagedPrefixList', list);
  const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
  const IpPermissions = [
    { ...https, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everybody' }] },
    { ...https, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    { ...https, PrefixListIds: [{ PrefixListId: PrefixList.PrefixListId }] },
    { ...https, UserIdGroupPairs: [{ GroupId }] },
    { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    { IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
  ];
  await call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions, ...tagged('security-group-rule') });
  const outbound = { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
  await call('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions: [outbound] });
  const networkInterface = { SubnetId: Subnet.SubnetId, Groups: [GroupId], ...tagged('network-interface') };
  await call('CreateNetworkInterface', networkInterface);
  await buildPlainResources(call, { ...place, VpcId, SubnetId: Subnet.SubnetId });
  // A setting is off in one place and on in the other, so that a call that sets it changes one of them.
  const isOtherPlace = account === OTHER_PLACE.account && region === OTHER_PLACE.region;
  if (isOtherPlace) await call('EnableEbsEncryptionByDefault');
  if (isOtherPlace) await call('DisableImageBlockPublicAccess');
  await call('EnableSnapshotBlockPublicAccess', { State: isOtherPlace ? 'block-all-sharing' : 'block-new-sharing' });
};

type Network = Place & { readonly VpcId: string; readonly SubnetId: string };

async function buildPlainResources(
  call: TownSite['call'],
  { region, account, partition, VpcId, SubnetId }: Network,
): Promise<void> {
  await call('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  const { NetworkAcl } = await call('CreateNetworkAcl', { VpcId, ...tagged('network-acl') });
  const entry = { RuleNumber: 100, Protocol: '-1', RuleAction: 'allow', Egress: false, CidrBlock: '0.0.0.0/0' };
  await call('CreateNetworkAclEntry', { NetworkAclId: NetworkAcl.NetworkAclId, ...entry });
  const volume = { AvailabilityZone: `${region}a`, Size: 8, Encrypted: false, ...tagged('volume') };
  const { VolumeId } = await call('CreateVolume', volume);
  const { SnapshotId } = await call('CreateSnapshot', { VolumeId, ...tagged('snapshot') });
  // Scenarios make public snapshots: the town of the laws has none.
  const isOwn = [FINDING_PLACE, OTHER_PLACE].some((place) => account === place.account && region === place.region);
  const share = { Attribute: 'createVolumePermission', OperationType: 'add' };
  await call('ModifySnapshotAttribute', {
    SnapshotId,
    ...share,
    ...(isOwn ? { UserIds: ['444455556666'] } : { GroupNames: ['all'] }),
  });
  const mapping = { DeviceName: '/dev/xvda', Ebs: { SnapshotId } };
  const image = { Name: 'town', RootDeviceName: '/dev/xvda', BlockDeviceMappings: [mapping], ...tagged('image') };
  const { ImageId } = await call('RegisterImage', image);
  await call('ModifyImageAttribute', { ImageId, LaunchPermission: { Add: [{ UserId: '444455556666' }] } });
  const one = { MinCount: 1, MaxCount: 1, ImageId: 'ami-12345678', SubnetId, ...tagged('instance') };
  await call('RunInstances', one);
  await call('CreateFlowLogs', {
    ResourceIds: [SubnetId],
    ResourceType: 'Subnet',
    TrafficType: 'ALL',
    LogGroupName: 'town',
    DeliverLogsPermissionArn: `arn:${partition}:iam::${account}:role/town`,
  });
  const Options = { AutoAcceptSharedAttachments: 'enable' };
  await call('CreateTransitGateway', { Options, ...tagged('transit-gateway') });
}
