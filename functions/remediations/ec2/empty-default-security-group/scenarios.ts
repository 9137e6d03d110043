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
  allowTagged,
  allTraffic,
  defaultGroup,
  described,
  groupResource,
  LOST_RULE_TAGS,
  openRule,
  prefixList,
  securityGroup,
  tagGroup,
  vpc,
} from '../fixtures.ts';
import emptyDefaultSecurityGroup from './index.ts';

export default defineScenarios(emptyDefaultSecurityGroup, {
  faulty: async ({ ec2 }, context) => groupResource(context, await defaultGroup(ec2, await vpc(ec2, context))),
  tag: tagGroup,
  scenarios: {
    'a new VPC has the rules that AWS gives it': { expected: 'FIXED' },
    'it belongs to the default VPC': {
      arrange: async ({ ec2 }, context) => groupResource(context, await defaultGroup(ec2)),
      expected: 'FIXED',
    },
    'it has rules of every kind': {
      arrange: async ({ ec2 }, context) => {
        const vpcId = await vpc(ec2, context);
        const GroupId = await defaultGroup(ec2, vpcId);
        const other = await securityGroup(ec2, context, [], { vpcId });
        const PrefixListId = await prefixList(ec2, context);
        const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
        await allowInbound(ec2, GroupId, [
          described(openRule(22), 'from home'),
          openRule(53, 53, '::/0', 'udp'),
          openRule(8, -1, '10.0.0.0/8', 'icmp'),
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
        return groupResource(context, GroupId);
      },
      expected: 'FIXED',
    },
    'a rule has a tag of its own': {
      async arrange({ ec2 }, context) {
        const GroupId = await defaultGroup(ec2, await vpc(ec2, context));
        await allowTagged(ec2, GroupId, [openRule(443)]);
        return groupResource(context, GroupId);
      },
      expected: 'FIXED',
      lasting: [LOST_RULE_TAGS],
    },
    'only its outbound rule is left': {
      arrange: async ({ ec2 }, context) => {
        const GroupId = await defaultGroup(ec2, await vpc(ec2, context));
        await removeRules(ec2, GroupId, 'inbound');
        return groupResource(context, GroupId);
      },
      expected: 'FIXED',
    },
    'network interfaces use it, and policy says to empty it anyway': {
      params: { whenInUse: 'empty' },
      arrange: ({ ec2 }, context) => groupInUse(ec2, context, 1),
      expected: 'FIXED',
    },
    'it has no rules': {
      arrange: async ({ ec2 }, context) => {
        const GroupId = await defaultGroup(ec2, await vpc(ec2, context));
        await removeRules(ec2, GroupId, 'inbound', 'outbound');
        return groupResource(context, GroupId);
      },
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, context) => groupResource(context, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
    'more network interfaces than a page use it': {
      arrange: ({ ec2 }, context) => groupInUse(ec2, context, 7),
      expected: 'REFUSED',
    },
    'the group is not the default one': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(443)]),
      expected: 'REFUSED',
    },
  },
});

async function removeRules(ec2: EC2Client, GroupId: string, ...directions: ('inbound' | 'outbound')[]): Promise<void> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const { IpPermissions, IpPermissionsEgress } = SecurityGroups![0]!;
  if (directions.includes('inbound')) await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  if (directions.includes('outbound'))
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }));
}

/** Creates a default group that `interfaces` network interfaces use. */
async function groupInUse(ec2: EC2Client, context: ScenarioContext<unknown>, interfaces: number) {
  const VpcId = await vpc(ec2, context);
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
  const Groups = [await defaultGroup(ec2, VpcId)];
  for (let n = 0; n < interfaces; n++)
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnet!.SubnetId, Groups }));
  return groupResource(context, Groups[0]!);
}
