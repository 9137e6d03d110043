/** EC2.13 and EC2.14: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html */
import { EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { arn, defineRemediation } from '../../../contract/remediation.ts';
import { ALL_TRAFFIC, changeRules, inWords, minus, publicRules, Rule, withoutPort } from '../rules.ts';

const PORTS: Readonly<Record<string, number>> = { 'EC2.13': 22, 'EC2.14': 3389 };

export default defineRemediation({
  id: 'ec2/close-admin-ports',
  title: 'Close SSH and RDP to the internet',
  handles: { controls: ['EC2.13', 'EC2.14'] },
  risk: 'disruptive',
  target: arn('AwsEc2SecurityGroup', 'arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'),
  params: z.strictObject({}),
  state: z.strictObject({ publicRules: z.array(Rule) }),
  reads: [
    { actions: ['ec2:DescribeSecurityGroupRules'], resources: ['*'], because: 'EC2 takes no resource for Describe*' },
  ],
  writes: [
    {
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
      resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'],
      because: 'closes and narrows; rollback opens again',
    },
  ],
  clients: { ec2: EC2Client },
}).by({
  async read({ ec2, target }) {
    const rules = await publicRules(ec2, target.groupId);
    return rules && { publicRules: rules };
  },
  want({ publicRules }, { control }) {
    const narrowed = publicRules.flatMap((rule) => withoutPort(rule, PORTS[control]!));
    return { publicRules: narrowed.filter((rule, n) => minus([rule], narrowed.slice(0, n)).length > 0) };
  },
  write: ({ ec2, target }, from, to) => changeRules(ec2, target.groupId, from.publicRules, to.publicRules),
  summary(from, to) {
    const closed = minus(from.publicRules, to.publicRules);
    const lost = closed.some(({ protocol }) => protocol === ALL_TRAFFIC)
      ? '; every other port and protocol goes with it'
      : '';
    const kept = minus(to.publicRules, from.publicRules);
    return `closed ${closed.map(inWords).join(', ')}${kept.length ? `, kept ${kept.map(inWords).join(', ')}` : ''}${lost}`;
  },
});
