/**
 * EC2.21 (Config rule nacl-no-unrestricted-ssh-rdp): no inbound entry allows everybody TCP or UDP on port 22 or 3389.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-21
 */
import { EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { isEqual } from '../../../contract/is-equal.ts';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { tagsOfList } from '../../kit/tag-list.ts';
import { AclEntry, withoutAdminPorts } from '../acl-entries.ts';
import { ACL_ARN, entryText, findAcl, inboundEntries, networkAcl, writeEntries } from '../network-acl.ts';

const DEFAULT =
  'it is the default ACL of its VPC, which the control does not check: give the subnets an ACL of their own instead';

export default defineRemediation({
  id: 'ec2/close-admin-ports-of-acls',
  title: 'Close SSH and RDP to the internet in a network ACL',
  handles: { controls: ['EC2.21'] },
  risk: 'disruptive',
  target: networkAcl,
  params: z.strictObject({ otherProtocols: z.array(z.int().min(0).max(255)).default([]) }),
  controlParams: { otherProtocols: 'own' },
  state: z.strictObject({ isDefault: z.boolean(), inbound: z.array(AclEntry) }),
  reads: [{ actions: ['ec2:DescribeNetworkAcls'], resources: ['*'], because: 'takes no resource: entries and tags' }],
  writes: [
    {
      actions: ['ec2:CreateNetworkAclEntry', 'ec2:ReplaceNetworkAclEntry', 'ec2:DeleteNetworkAclEntry'],
      resources: [ACL_ARN],
      because: 'narrows inbound entries; rollback restores them',
    },
  ],
  clients: { ec2: EC2Client },
}).by({
  async read(context) {
    const acl = await findAcl(context);
    return acl && { isDefault: acl.IsDefault ?? false, inbound: inboundEntries(acl) };
  },
  want(state, { params }) {
    const inbound = withoutAdminPorts(state.inbound, params.otherProtocols);
    if ('crowded' in inbound)
      return refused(`no rule numbers are free beside ${entryText(inbound.crowded)}: leave more room between entries`);
    if (state.isDefault && !isEqual(inbound, state.inbound)) return refused(DEFAULT);
    return { ...state, inbound: [...inbound] };
  },
  write: (context, from, to) => writeEntries(context, from.inbound, to.inbound),
  tags: async (context) => tagsOfList((await findAcl(context))?.Tags),
  summary(from, to) {
    const gone = from.inbound.filter((each) => !to.inbound.some((other) => isEqual(each, other)));
    const added = to.inbound.filter((each) => !from.inbound.some((other) => isEqual(each, other)));
    return `inbound entries: ${gone.map(entryText).join(', ')} → ${added.map(entryText).join(', ') || 'none'}`;
  },
});
