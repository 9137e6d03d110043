import {
  AuthorizeSecurityGroupEgressCommand,
  CreateNetworkInterfaceCommand,
  CreateSubnetCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import {
  allowInbound,
  allTraffic,
  defaultGroup,
  described,
  groupResource,
  open,
  prefixList,
  securityGroup,
  vpc,
} from '../fixtures.ts';
import emptyDefaultSecurityGroup from './index.ts';

export default defineScenarios(emptyDefaultSecurityGroup, {
  faulty: async ({ ec2 }, where) => groupResource(where, await defaultGroup(ec2, await vpc(ec2, where))),
  scenarios: {
    'a new VPC has the rules that AWS gives it': { expected: 'FIXED' },
    'it belongs to the default VPC': {
      arrange: async ({ ec2 }, where) => groupResource(where, await defaultGroup(ec2)),
      expected: 'FIXED',
    },
    'it has rules of every kind': {
      arrange: async ({ ec2 }, where) => {
        const vpcId = await vpc(ec2, where);
        const GroupId = await defaultGroup(ec2, vpcId);
        const other = await securityGroup(ec2, where, [], { vpcId });
        const PrefixListId = await prefixList(ec2, where);
        const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
        await allowInbound(ec2, GroupId, [
          described(open(22), 'from home'),
          open(53, 53, '::/0', 'udp'),
          open(8, -1, '10.0.0.0/8', 'icmp'),
          { IpProtocol: '50', IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
          { ...https, PrefixListIds: [{ PrefixListId, Description: 'offices' }] },
          { ...https, UserIdGroupPairs: [{ GroupId: other.Id.split('/')[1], Description: 'clients' }] },
        ]);
        const IpPermissions = [
          allTraffic('::/0'),
          { ...https, PrefixListIds: [{ PrefixListId }] },
          { ...https, UserIdGroupPairs: [{ GroupId }] },
        ];
        await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
        return groupResource(where, GroupId);
      },
      expected: 'FIXED',
    },
    'only its outbound rule is left': {
      arrange: async ({ ec2 }, where) => {
        const GroupId = await defaultGroup(ec2, await vpc(ec2, where));
        await emptied(ec2, GroupId, 'inbound');
        return groupResource(where, GroupId);
      },
      expected: 'FIXED',
    },
    'network interfaces use it, and policy says to empty it all the same': {
      params: { whenInUse: 'empty' },
      arrange: ({ ec2 }, where) => used(ec2, where, 1),
      expected: 'FIXED',
    },
    'it has no rules': {
      arrange: async ({ ec2 }, where) => {
        const GroupId = await defaultGroup(ec2, await vpc(ec2, where));
        await emptied(ec2, GroupId, 'inbound', 'outbound');
        return groupResource(where, GroupId);
      },
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, where) => groupResource(where, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
    'more network interfaces than a page use it': {
      arrange: ({ ec2 }, where) => used(ec2, where, 7),
      expected: 'REFUSED',
    },
    'the group is not the default one': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(443)]),
      expected: 'REFUSED',
    },
  },
});

async function emptied(ec2: EC2Client, GroupId: string, ...directions: ('inbound' | 'outbound')[]): Promise<void> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const { IpPermissions, IpPermissionsEgress } = SecurityGroups![0]!;
  if (directions.includes('inbound')) await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  if (directions.includes('outbound'))
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }));
}

/** A default group with so many network interfaces. */
async function used(ec2: EC2Client, where: ScenarioContext<unknown>, interfaces: number) {
  const VpcId = await vpc(ec2, where);
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
  const Groups = [await defaultGroup(ec2, VpcId)];
  for (let n = 0; n < interfaces; n++)
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnet!.SubnetId, Groups }));
  return groupResource(where, Groups[0]!);
}
