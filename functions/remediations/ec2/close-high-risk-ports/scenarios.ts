import { defineScenarios } from '../../../contract/scenario.ts';
import { allTraffic, described, groupResource, openGroup, openRule, securityGroup } from '../fixtures.ts';
import closeHighRiskPorts from './index.ts';

export default defineScenarios(closeHighRiskPorts, {
  ...openGroup(() => [openRule(3306), openRule(8080), openRule(443)]),
  scenarios: {
    'a database and a proxy are open to the internet': { expected: 'FIXED' },
    'OpenSearch is open to the internet over IPv6': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(9200, 9300, '::/0')]),
      expected: 'FIXED',
    },
    'every TCP port is open': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [described(openRule(0, 65_535), 'lift and shift')]),
      expected: 'FIXED',
    },
    'SSH and RDP are closed already': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [openRule(0, 21), openRule(23, 3388), openRule(3390, 65_535)]),
      expected: 'FIXED',
    },
    'all traffic is open': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [allTraffic('::/0'), openRule(443, 443, '::/0')]),
      expected: 'FIXED',
    },
    'only web ports are open': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [openRule(80), openRule(443), openRule(8443, 8443, '::/0')]),
      expected: 'COMPLIANT',
    },
    'the ports are open over UDP alone': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(1434, 1434, '0.0.0.0/0', 'udp')]),
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, context) => groupResource(context, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});
