import { defineScenarios } from '../../../contract/scenario.ts';
import { allTraffic, described, groupResource, openGroup, openRule, securityGroup } from '../fixtures.ts';
import restrictOpenPorts from './index.ts';

export default defineScenarios(restrictOpenPorts, {
  ...openGroup(() => [openRule(443), openRule(8443)]),
  scenarios: {
    'a port that is not authorized is open': { expected: 'FIXED' },
    'it is open over IPv6': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [openRule(443, 443, '::/0'), openRule(25, 25, '::/0')]),
      expected: 'FIXED',
    },
    'a range holds the authorized ports': {
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [described(openRule(0, 1024), 'web'), openRule(80, 443, '::/0')]),
      expected: 'FIXED',
    },
    'a half-done narrowing left an authorized port': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(0, 1024), described(openRule(80), 'http')]),
      expected: 'FIXED',
    },
    'all traffic is open': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [allTraffic('0.0.0.0/0'), allTraffic('::/0')]),
      expected: 'FIXED',
    },
    'a UDP port is open': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(443), openRule(53, 53, '0.0.0.0/0', 'udp')]),
      expected: 'FIXED',
    },
    'policy authorizes other ports, neighbours among them': {
      params: { authorizedTcpPorts: [8443, 443, 444], authorizedUdpPorts: [500] },
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [openRule(80, 9000), openRule(0, 65_535, '0.0.0.0/0', 'udp'), allTraffic('::/0')]),
      expected: 'FIXED',
    },
    'only authorized ports are open': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(80), openRule(443, 443, '::/0')]),
      expected: 'COMPLIANT',
    },
    'policy authorizes what is open': {
      params: { authorizedTcpPorts: [8443, 8444], authorizedUdpPorts: [500] },
      arrange: ({ ec2 }, context) =>
        securityGroup(ec2, context, [openRule(8443, 8444), openRule(500, 500, '0.0.0.0/0', 'udp')]),
      expected: 'COMPLIANT',
    },
    'everything is open to ping': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, [openRule(-1, -1, '0.0.0.0/0', 'icmp')]),
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, context) => groupResource(context, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});
