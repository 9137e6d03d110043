import { defineScenarios } from '../../../contract/scenario.ts';
import { allTraffic, described, groupResource, open, securityGroup } from '../fixtures.ts';
import closeHighRiskPorts from './index.ts';

export default defineScenarios(closeHighRiskPorts, {
  faulty: ({ ec2 }, where) => securityGroup(ec2, where, [open(3306), open(8080), open(443)]),
  scenarios: {
    'a database and a proxy are open to the internet': { expected: 'FIXED' },
    'OpenSearch is open to the internet over IPv6': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(9200, 9300, '::/0')]),
      expected: 'FIXED',
    },
    'every TCP port is open': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [described(open(0, 65_535), 'lift and shift')]),
      expected: 'FIXED',
    },
    'SSH and RDP are closed already': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(0, 21), open(23, 3388), open(3390, 65_535)]),
      expected: 'FIXED',
    },
    'all traffic is open': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [allTraffic('::/0'), open(443, 443, '::/0')]),
      expected: 'FIXED',
    },
    'only web ports are open': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(80), open(443), open(8443, 8443, '::/0')]),
      expected: 'COMPLIANT',
    },
    'the ports are open over UDP alone': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(1434, 1434, '0.0.0.0/0', 'udp')]),
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, where) => groupResource(where, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});
