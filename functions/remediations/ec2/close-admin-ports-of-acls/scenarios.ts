import { defineScenarios } from '../../../contract/scenario.ts';
import { aclResource, aclWith, addEntries, allowed, defaultAcl, tagAcl } from '../acl-fixtures.ts';
import closeAdminPortsOfAcls from './index.ts';

const [ANY, ANY6] = ['0.0.0.0/0', '::/0'];
const [TCP, UDP, ALL] = ['6', '17', '-1'];
const SSH = allowed(100, TCP!, ANY!, 22);

export default defineScenarios(closeAdminPortsOfAcls, {
  faulty: aclWith([SSH]),
  fault: ({ ec2 }, { target }) => addEntries(ec2, target.acl, [allowed(90, TCP!, ANY!, 3389)]),
  tag: tagAcl,
  scenarios: {
    'SSH is open': { expected: 'FIXED' },
    'SSH is open, and Terraform manages the ACL': {
      arrange: aclWith([SSH], { ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'RDP is open over IPv6 and over UDP': {
      arrange: aclWith([allowed(100, TCP!, ANY6!, 3389), allowed(110, UDP!, ANY!, 3389)]),
      expected: 'FIXED',
    },
    'a range of ports has both': { arrange: aclWith([allowed(100, TCP!, ANY!, 20, 4000)]), expected: 'FIXED' },
    'everything is open, and policy keeps a VPN': {
      arrange: aclWith([allowed(100, ALL!, ANY!)]),
      params: { otherProtocols: [50] },
      expected: 'FIXED',
    },
    'an entry before denies both ports': {
      arrange: aclWith([
        { ...allowed(50, TCP!, ANY!, 22), action: 'deny' },
        { ...allowed(60, TCP!, ANY!, 3389), action: 'deny' },
        allowed(100, TCP!, ANY!, 0, 65_535),
        { ...allowed(101, TCP!, '192.0.2.0/24', 443), action: 'deny' },
      ]),
      expected: 'FIXED',
    },
    'SSH is open to one network': { arrange: aclWith([allowed(100, TCP!, '192.0.2.0/24', 22)]), expected: 'COMPLIANT' },
    'only HTTPS is open': { arrange: aclWith([allowed(100, TCP!, ANY!, 443)]), expected: 'COMPLIANT' },
    'everybody is denied': { arrange: aclWith([{ ...SSH, action: 'deny' }]), expected: 'COMPLIANT' },
    'there is no number free for the parts': {
      arrange: aclWith([
        { ...allowed(100, TCP!, '192.0.2.0/24', 443), action: 'deny' },
        allowed(101, TCP!, ANY!, 0, 65_535),
        { ...allowed(102, TCP!, '198.51.100.0/24', 443), action: 'deny' },
      ]),
      expected: 'REFUSED',
    },
    'it is the default ACL of a VPC': { arrange: defaultAcl, expected: 'REFUSED' },
    'it is gone': {
      arrange: async (_, context) => aclResource(context, 'acl-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});
