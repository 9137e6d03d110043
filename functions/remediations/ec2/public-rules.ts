/** What remediations of inbound rules that are open to everybody have in common; they differ in what stays open. */
import { EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { GROUP, groupTags, groupTarget } from './group.ts';
import { ALL_TRAFFIC, CidrRule, changeRules, minus, type Rule, rulesOf } from './rules.ts';
import { changeInWords, inWords } from './summary.ts';

/** The whole Internet, as the controls mean it: ranges that only together cover it are not looked at. */
const EVERYBODY = ['0.0.0.0/0', '::/0'];

const State = z.strictObject({ publicRules: z.array(CidrRule) });
type State = z.infer<typeof State>;

export const publicRuleFacts = {
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
      resources: [GROUP],
      because: 'closes and narrows; rollback opens again',
    },
  ],
  clients: { ec2: EC2Client },
} as const;

type Of<P> = {
  readonly ec2: EC2Client;
  readonly target: { readonly groupId: string };
  readonly params: P;
  readonly control: string;
};

/** The steps, where `staysOpen` says what is left of the public rules. It must never open what was not open. */
export const publicRuleSteps = <P>(staysOpen: (rules: CidrRule[], context: Of<P>) => CidrRule[]) => ({
  async read({ ec2, target }: Of<P>): Promise<State> {
    const { inbound } = await rulesOf(ec2, target.groupId);
    return { publicRules: inbound.filter(isPublic) };
  },
  want: ({ publicRules }: State, context: Of<P>): State => ({ publicRules: staysOpen(publicRules, context) }),
  write: ({ ec2, target }: Of<P>, from: State, to: State): Promise<void> =>
    changeRules(ec2, target.groupId, { inbound: from.publicRules }, { inbound: to.publicRules }),
  tags: ({ ec2, target }: Of<P>) => groupTags(ec2, target.groupId),
  summary,
});

const isPublic = (rule: Rule): rule is CidrRule => 'cidr' in rule && EVERYBODY.includes(rule.cidr);

function summary({ publicRules: from }: State, { publicRules: to }: State): string {
  const change = changeInWords({ inbound: from }, { inbound: to });
  if (!minus(from, to).some(({ protocol }) => protocol === ALL_TRAFFIC)) return change;
  return (
    `${change}; with all traffic go all TCP and UDP ports, ICMP and every other protocol: ` +
    `what stays open to everybody is ${inWords(to) || 'nothing'}`
  );
}
