/** The common part of remediations that close public inbound rules. They differ in the ports that stay open. */
import { EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { GROUP_ARN, groupTags, groupTarget } from './group.ts';
import { ALL_TRAFFIC, CidrRule, changeRules, type Rule, readRules, subtractRules } from './rules.ts';
import { ruleChangeText, rulesText } from './summary.ts';

/** The ranges that the controls check. They ignore smaller ranges that together cover the internet. */
const EVERYBODY = ['0.0.0.0/0', '::/0'];

const State = z.strictObject({ publicRules: z.array(CidrRule) });
type State = z.infer<typeof State>;

export const PUBLIC_RULE_FACTS = {
  risk: 'disruptive',
  target: groupTarget,
  state: State,
  reads: [
    {
      actions: ['ec2:DescribeSecurityGroupRules', 'ec2:DescribeSecurityGroups'],
      resources: ['*'],
      because: 'the rules, and the tags that say who manages the group; EC2 takes no resource for Describe*',
    },
  ],
  writes: [
    {
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
      resources: [GROUP_ARN],
      because: 'closes and narrows; rollback opens again',
    },
  ],
  clients: { ec2: EC2Client },
} as const;

/**
 * The number of the group's inbound rules when a state was read. Not a part of the state, because nothing restores it.
 */
const INBOUND_COUNTS = new WeakMap<State, number>();

type PublicRuleContext<P> = {
  readonly ec2: EC2Client;
  readonly target: { readonly groupId: string };
  readonly params: P;
  readonly control: string;
};

/** Returns the steps. `staysOpen` reduces the public rules; it must never open a port that was closed. */
export const publicRuleSteps = <P>(staysOpen: (rules: CidrRule[], context: PublicRuleContext<P>) => CidrRule[]) => ({
  async read({ ec2, target }: PublicRuleContext<P>): Promise<State> {
    const { inbound } = await readRules(ec2, target.groupId);
    const state = { publicRules: inbound.filter(isPublic) };
    INBOUND_COUNTS.set(state, inbound.length);
    return state;
  },
  want: ({ publicRules }: State, context: PublicRuleContext<P>): State => ({
    publicRules: staysOpen(publicRules, context),
  }),
  write: ({ ec2, target }: PublicRuleContext<P>, from: State, to: State) =>
    changeRules(
      ec2,
      target.groupId,
      { inbound: from.publicRules },
      { inbound: to.publicRules },
      INBOUND_COUNTS.get(from),
    ),
  tags: ({ ec2, target }: PublicRuleContext<P>) => groupTags(ec2, target.groupId),
  summary,
});

const isPublic = (rule: Rule): rule is CidrRule => 'cidr' in rule && EVERYBODY.includes(rule.cidr);

function summary({ publicRules: from }: State, { publicRules: to }: State): string {
  const change = ruleChangeText({ inbound: from }, { inbound: to });
  if (!subtractRules(from, to).some(({ protocol }) => protocol === ALL_TRAFFIC)) return change;
  return (
    `${change}; with all traffic go all TCP and UDP ports, ICMP and every other protocol: ` +
    `what stays open to everybody is ${rulesText(to) || 'nothing'}`
  );
}
