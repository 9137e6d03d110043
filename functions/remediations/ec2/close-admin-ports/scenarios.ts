import { defineScenarios } from '../../../contract/scenario.ts';
import {
  allowTagged,
  allTraffic,
  described,
  groupResource,
  LOST_RULE_TAGS,
  openGroup,
  openRule,
  prefixList,
  securityGroup,
  vpc,
} from '../fixtures.ts';
import closeAdminPorts from './index.ts';

const PORT: Readonly<Record<string, number>> = { 'EC2.13': 22, 'EC2.14': 3389, 'EC2.53': 22, 'EC2.54': 3389 };

export default defineScenarios(closeAdminPorts, {
  ...openGroup((control) => [
    openRule(PORT[control]!, PORT[control]!, control === 'EC2.54' ? '::/0' : '0.0.0.0/0'),
    openRule(443),
  ]),
  scenarios: {
    'SSH is open to the internet': { expected: 'FIXED' },
    'RDP is open to the internet': { control: 'EC2.14', expected: 'FIXED' },
    'SSH is open to the internet over IPv6': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(22, 22, '::/0')]),
      expected: 'FIXED',
    },
    'an admin port is open over IPv4': { control: 'EC2.53', expected: 'FIXED' },
    'an admin port is open over IPv6': { control: 'EC2.54', expected: 'FIXED' },
    'both admin ports are open, over UDP too': {
      control: 'EC2.53',
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [
          openRule(0, 4000),
          openRule(22, 22, '0.0.0.0/0', 'udp'),
          openRule(22, 22, '::/0'),
        ]),
      expected: 'FIXED',
    },
    'an admin port is open over IPv6 alone': {
      control: 'EC2.53',
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(22, 22, '::/0')]),
      expected: 'COMPLIANT',
    },
    'a rule is wider than the port': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(0, 1024), openRule(20, 25, '::/0')]),
      expected: 'FIXED',
    },
    'a half-done narrowing left the lower part': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(0, 1024), openRule(0, 21)]),
      expected: 'FIXED',
    },
    'the lower part is a rule of its own with another description': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [
          described(openRule(0, 1024), 'everything'),
          described(openRule(0, 21), 'old services'),
        ]),
      expected: 'FIXED',
    },
    'the rules have descriptions': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [
          described(openRule(22), 'from home'),
          described(openRule(20, 30, '::/0'), 'for now'),
        ]),
      expected: 'FIXED',
    },
    'the protocol was given by its number': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(22, 80, '0.0.0.0/0', '6')]),
      expected: 'FIXED',
    },
    'all traffic is open': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [allTraffic('0.0.0.0/0'), openRule(443)]),
      expected: 'FIXED',
    },
    'more rules than a page, two of them with the port': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [
          ...[80, 443, 8080, 8443, 9000, 9443].map((port) => openRule(port)),
          ...[80, 443, 8080, 8443, 9000, 9443].map((port) => openRule(port, port, '10.0.0.0/8')),
          openRule(0, 1024, '::/0'),
          openRule(22),
        ]),
      expected: 'FIXED',
    },
    'the VPC is not the default one': {
      arrange: async ({ ec2 }, context) =>
        securityGroup(ec2, context, [openRule(22), openRule(0, 65_535, '::/0')], { vpcId: await vpc(ec2, context) }),
      expected: 'FIXED',
    },
    'Terraform manages the group': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(22)], { tags: { ManagedBy: 'terraform' } }),
      expected: 'FIXED',
    },
    'the rule has a tag of its own': {
      async arrange({ ec2 }, context) {
        const group = await securityGroup(ec2, context, [openRule(443)]);
        await allowTagged(ec2, group.Id.split('/')[1]!, [openRule(22)]);
        return group;
      },
      expected: 'FIXED',
      lasting: [LOST_RULE_TAGS],
    },
    'the rule is restricted to a network': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(22, 22, '10.0.0.0/8'), openRule(443)]),
      expected: 'COMPLIANT',
    },
    'the rules name a prefix list and a group': {
      arrange: async ({ ec2 }, context) => {
        const group = await securityGroup(ec2, { ...context, name: `${context.name}-clients` }, []);
        const GroupId = group.Id.split('/')[1]!;
        const PrefixListId = await prefixList(ec2, context);
        const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };
        return securityGroup(ec2, context, [
          { ...ssh, PrefixListIds: [{ PrefixListId }] },
          { ...ssh, UserIdGroupPairs: [{ GroupId }] },
        ]);
      },
      expected: 'COMPLIANT',
    },
    'the port is open over UDP alone': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(22, 22, '0.0.0.0/0', 'udp')]),
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, context) => groupResource(context, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});
