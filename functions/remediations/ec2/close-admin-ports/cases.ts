import { defineCases } from '../../../contract/cases.ts';
import { groupResource, open, securityGroup } from '../arrange.ts';
import closeAdminPorts from './index.ts';

const PORT: Readonly<Record<string, number>> = { 'EC2.13': 22, 'EC2.14': 3389 };

export default defineCases(closeAdminPorts, {
  faulty: ({ ec2 }, where) => securityGroup(ec2, where, [open(PORT[where.control]!), open(443)]),
  cases: {
    'SSH is open to the internet': { then: 'FIXED' },
    'RDP is open to the internet': { control: 'EC2.14', then: 'FIXED' },
    'SSH is open to the internet over IPv6': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(22, 22, '::/0')]),
      then: 'FIXED',
    },
    'a rule is wider than the port': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(0, 1024), open(20, 25, '::/0')]),
      then: 'FIXED',
    },
    'a half-done narrowing left the lower part': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(0, 1024), open(0, 21)]),
      then: 'FIXED',
    },
    'all traffic is open': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(-1, -1, '0.0.0.0/0', '-1')]),
      then: 'FIXED',
    },
    'the rule is restricted to a network': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, [open(22, 22, '10.0.0.0/8'), open(443)]),
      then: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, where) => groupResource(where, 'sg-0123456789abcdef0'),
      then: 'COMPLIANT',
    },
  },
});
