/**
 * EC2.2 (Config rule vpc-default-security-group-closed): the default security group of a VPC has a rule. No parameters.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-2
 */
import { EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { describeGroup, GROUP_ARN, groupTags, groupTarget, interfacesUsing } from '../group.ts';
import { changeRules, Rule, readRules } from '../rules.ts';
import { ruleChangeText } from '../summary.ts';

export default defineRemediation({
  id: 'ec2/empty-default-security-group',
  title: "Empty a VPC's default security group",
  handles: { controls: ['EC2.2'] },
  risk: 'disruptive',
  target: groupTarget,
  params: z.strictObject({ whenInUse: z.enum(['refuse', 'empty']).default('refuse') }),
  controlParams: { whenInUse: 'own' },
  state: z.strictObject({ name: z.string(), inbound: z.array(Rule), outbound: z.array(Rule) }),
  reads: [
    {
      actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroupRules', 'ec2:DescribeSecurityGroups'],
      resources: ['*'],
      because: 'the group, its rules, and the interfaces that use it; EC2 takes no resource for Describe*',
    },
  ],
  writes: [
    {
      actions: ['ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress'],
      resources: [GROUP_ARN],
      because: 'removes every rule',
    },
  ],
  undoes: [
    {
      actions: ['ec2:AuthorizeSecurityGroupEgress', 'ec2:AuthorizeSecurityGroupIngress'],
      resources: [GROUP_ARN],
      because: 'puts the rules back',
    },
  ],
  clients: { ec2: EC2Client },
}).by({
  async read({ ec2, target }) {
    const group = await describeGroup(ec2, target.groupId);
    return group && { name: group.GroupName!, ...(await readRules(ec2, target.groupId)) };
  },
  want: ({ name }) =>
    name === 'default'
      ? { name, inbound: [], outbound: [] }
      : refused(`the group is named "${name}"; only a VPC's default security group is emptied`),
  async objection({ ec2, target, params }) {
    if (params.whenInUse === 'empty') return undefined;
    const users = await interfacesUsing(ec2, target.groupId);
    return users ? refused(`${users} use it: give them groups of their own first`) : undefined;
  },
  write: ({ ec2, target }, from, to) => changeRules(ec2, target.groupId, from, to),
  tags: ({ ec2, target }) => groupTags(ec2, target.groupId),
  summary: ruleChangeText,
});
