/** Each mutant breaks one law, which must find it. */
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  EnableEbsEncryptionByDefaultCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import sound from '../../functions/remediations/ec2/close-admin-ports/index.ts';
import { openRule, securityGroup } from '../../functions/remediations/ec2/fixtures.ts';
import { LAWS } from '../../lab/laws/laws.ts';
import { allowedActions } from '../../lab/laws/member-role.ts';
import { permissionFaults } from '../../lab/laws/permission-law.ts';
import { openProofSandbox } from '../../lab/laws/proof-sandbox.ts';
import { LEAKING_MUTANTS } from './leaking-mutants.ts';

type Context = { ec2: EC2Client; target: { groupId: string } };
type State = Parameters<typeof sound.write>[1];
const GROUP = 'arn:{partition}:ec2:{region}:{account}:security-group/{groupId}';
const ANY_GROUP = 'arn:{partition}:ec2:{region}:{account}:security-group/*' as never;

/** One group with more rules than the smallest page has; SSH is the last rule. */
const scenariosFor = (remediation: Remediation): Scenarios => ({
  remediation,
  faulty: ({ ec2 }: any, where) =>
    securityGroup(ec2, where, [
      openRule(80),
      openRule(443),
      openRule(8080),
      openRule(8443),
      openRule(9000),
      openRule(9443),
      openRule(0, 1024, '::/0'),
      openRule(123, 123, '10.0.0.0/8', 'udp'),
      openRule(22),
    ]),
  scenarios: { 'SSH is open': { expected: 'FIXED' } },
});

type Mutant = { readonly law: string; readonly how: string; readonly change: object; readonly finds: RegExp };

const MUTANTS: readonly Mutant[] = [
  {
    law: 'plan-reads',
    how: 'turns a setting on while it reads',
    finds: /plan changed .*\n {2}ec2 333333333333 us-east-1: settings\.ebsEncryptionByDefault: false → true/,
    change: {
      reads: [...sound.reads, { actions: ['ec2:EnableEbsEncryptionByDefault'], resources: ['*'], because: 'a mutant' }],
      async read(context: Context) {
        await context.ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
        return sound.read(context as never);
      },
    },
  },
  {
    law: 'plan-reads',
    how: 'writes while it reads, by an action that only its writes declare',
    finds: /not authorized to perform: ec2:RevokeSecurityGroupIngress/,
    change: {
      async read(context: Context) {
        const state = await sound.read(context as never);
        if (state && state.publicRules.length > 7) await revoke(context, state.publicRules.slice(-1));
        return state;
      },
    },
  },
  {
    law: 'ends-as-expected',
    how: 'writes nothing',
    finds: /The change was made, but/,
    change: { write: async () => {} },
  },
  {
    law: 'ends-as-expected',
    how: 'always finds something to change',
    finds: /The change was made, but/,
    change: { want: ({ publicRules }: State) => ({ publicRules: publicRules.slice(1) }) },
  },
  {
    law: 'rollback',
    how: 'closes ports but never opens them',
    finds: /The state before .* was written back, but/,
    change: {
      write: (context: Context, from: State, to: State) => revoke(context, without(from.publicRules, to.publicRules)),
    },
  },
  {
    law: 'neighbours',
    how: 'closes the port in every group of the account',
    finds: /apply changed what is not the target .*\n {2}ec2 333333333333 us-east-1: groups\.sg-/,
    change: {
      writes: [
        {
          actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
          resources: [ANY_GROUP],
          because: 'a mutant',
        },
        { actions: ['ec2:DescribeSecurityGroupRules'], resources: ['*'], because: 'a mutant' },
      ],
      reads: [...sound.reads, { actions: ['ec2:DescribeSecurityGroups'], resources: ['*'], because: 'a mutant' }],
      async read(context: Context) {
        await context.ec2.send(new DescribeSecurityGroupsCommand({}));
        return sound.read(context as never);
      },
      async write(context: Context, from: State, to: State) {
        await sound.write({ ...context, targets: [] } as never, from, to);
        const { SecurityGroupRules = [] } = await context.ec2.send(new DescribeSecurityGroupRulesCommand({}));
        const others = SecurityGroupRules.filter(
          (rule) =>
            !rule.IsEgress &&
            rule.FromPort === 22 &&
            rule.CidrIpv4 === SSH.cidr &&
            rule.GroupId !== context.target.groupId,
        );
        for (const { GroupId } of others) await revoke({ ...context, target: { groupId: GroupId! } }, [{ ...SSH }]);
      },
    },
  },
  {
    law: 'shown',
    how: 'changes other rules too, and restores them from memory',
    finds:
      /the fix changes what read does not show .*\n {2}ec2 333333333333 us-east-1: groups\.sg-\w+\.rules\.\S.* → absent/,
    change: {
      async write(context: Context, from: State, to: State) {
        await sound.write({ ...context, targets: [] } as never, from, to);
        const ntp = [{ ...SSH, protocol: 'udp', from: 123, to: 123, cidr: '10.0.0.0/8' }];
        const isFix = from.publicRules.some((rule) => rule.from === 22);
        await (isFix ? revoke(context, ntp) : authorize(context, ntp));
      },
    },
  },
  {
    law: 'elsewhere',
    how: 'switches a setting on in a Region other than us-east-1',
    finds: /in 444444444444 eu-west-1: apply calls EnableEbsEncryptionByDefault on \*, which is not the target/,
    change: {
      writes: [
        ...sound.writes,
        { actions: ['ec2:EnableEbsEncryptionByDefault'], resources: ['*'], because: 'a mutant' },
      ],
      async write(context: Context & { region: string }, from: State, to: State) {
        await sound.write({ ...context, targets: [] } as never, from, to);
        if (context.region !== 'us-east-1') await context.ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
      },
    },
  },
  {
    law: 'crashes',
    how: 'opens another port while it changes the rules, and fails if that port is open',
    finds: /the specified rule .* already exists/,
    change: {
      async write(context: Context, from: State, to: State) {
        const other = [{ ...SSH, from: 2000, to: 2000 }];
        await authorize(context, other);
        await sound.write({ ...context, targets: [] } as never, from, to);
        await revoke(context, other);
      },
    },
  },
  {
    law: 'stale-reads',
    how: 'allows no time for a change to show',
    finds: /The change was made, but/,
    change: { settleSeconds: 0 },
  },
  {
    law: 'throttling',
    how: 'swallows the errors of its writes',
    finds: /refused at call \d of \d \((Authorize|Revoke)SecurityGroupIngress\), it fails with/,
    change: { write: (context: any, from: State, to: State) => sound.write(context, from, to).catch(() => {}) },
  },
  {
    law: 'denials',
    how: 'treats a denial as a deleted group',
    finds: /refused at call 1 of \d+ \(DescribeSecurityGroupRules\), it claims/,
    change: { read: (context: any) => sound.read(context).catch(() => undefined) },
  },
  {
    law: 'pages',
    how: 'reads one page',
    finds: /with small pages/,
    change: {
      async read({ ec2, target }: Context) {
        const filter = { Filters: [{ Name: 'group-id', Values: [target.groupId] }] };
        const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand(filter));
        const inbound = SecurityGroupRules.filter(({ IsEgress }) => !IsEgress);
        return {
          publicRules: inbound.map(({ IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6 }) => ({
            protocol: IpProtocol!,
            from: FromPort!,
            to: ToPort!,
            cidr: (CidrIpv4 ?? CidrIpv6)!,
          })),
        };
      },
    },
  },
];

it('has a mutant for each law', () => {
  expect(new Set([...MUTANTS, ...LEAKING_MUTANTS].map(({ law }) => law))).toEqual(
    new Set(LAWS.map(({ name }) => name)),
  );
});

it('keeps every law without a mutation', async () => {
  const proof = await openProofSandbox(scenariosFor(sound));
  const arranged = await proof.arrange('SSH is open');
  for (const { prove } of LAWS) await prove(proof, arranged);
  await proof.close();
});

it.each(MUTANTS.map((mutant) => [mutant.law, mutant.how, mutant] as const))(
  'finds by the law %s a remediation that %s',
  async (law, _, { change, finds }) => {
    const proof = await openProofSandbox(scenariosFor({ ...sound, ...change } as Remediation));
    const arranged = await proof.arrange('SSH is open');
    const { prove } = LAWS.find(({ name }) => name === law)!;
    await expect(prove(proof, arranged)).rejects.toThrow(finds);
    await proof.close();
  },
);

const PERMISSIONS: [how: string, change: object, message: RegExp][] = [
  [
    'declares an action that nothing uses',
    {
      writes: [...sound.writes, { actions: ['ec2:ModifySecurityGroupRules'], resources: [GROUP], because: 'a mutant' }],
    },
    /ec2:ModifySecurityGroupRules is declared, but no scenario uses it/,
  ],
  [
    'declares * where AWS takes a resource',
    { writes: [{ ...sound.writes[0]!, resources: ['*'] }] },
    /ec2:RevokeSecurityGroupIngress is declared on \*/,
  ],
  [
    'declares a write among its reads',
    { reads: [...sound.reads, { actions: ['ec2:CreateTags'], resources: [GROUP], because: 'a mutant' }] },
    /ec2:CreateTags is declared among the reads, but IAM's data says Tagging/,
  ],
  [
    'declares a wildcard that the target does not fill',
    {
      writes: [
        ...sound.writes,
        { actions: ['ec2:RevokeSecurityGroupIngress'], resources: [ANY_GROUP], because: 'a mutant' },
      ],
    },
    /ec2:RevokeSecurityGroupIngress is declared on arn:\S+security-group\/\*, which the target does not limit/,
  ],
  [
    'declares a write on an account setting, and does not say why',
    {
      writes: [
        ...sound.writes,
        { actions: ['ec2:EnableEbsEncryptionByDefault'], resources: ['*'], because: 'a mutant' },
      ],
    },
    /ec2:EnableEbsEncryptionByDefault is declared on \*, which the target does not limit/,
  ],
  [
    'has an empty reason for a wildcard',
    { writes: [{ ...sound.writes[0]!, resources: [ANY_GROUP], wildcardBecause: '' }] },
    /have an empty wildcardBecause/,
  ],
  ['has an empty because', { writes: [{ ...sound.writes[0]!, because: ' ' }] }, /have an empty because/],
];

it.each(PERMISSIONS)('finds by the law of permissions a remediation that %s', async (_, change, message) => {
  const mutant = { ...sound, ...change } as Remediation;
  const proof = await openProofSandbox(scenariosFor(mutant));
  const run = proof.start(await proof.arrange('SSH is open'));
  await run.applyUntilSettled();
  expect((await permissionFaults(mutant, allowedActions(proof.sandbox))).join('\n')).toMatch(message);
  await proof.close();
});

const SSH = { protocol: 'tcp', from: 22, to: 22, cidr: '0.0.0.0/0' };
type Rule = typeof SSH;

const without = (a: readonly Rule[], b: readonly Rule[]) =>
  a.filter((x) => !b.some((y) => JSON.stringify(x) === JSON.stringify(y)));

const permissions = (rules: readonly Rule[]) =>
  rules.map(({ protocol, from, to, cidr }) => ({
    IpProtocol: protocol,
    FromPort: from,
    ToPort: to,
    ...(cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
  }));
async function revoke({ ec2, target }: Context, rules: readonly Rule[]): Promise<void> {
  if (rules.length === 0) return;
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: target.groupId, IpPermissions: permissions(rules) }));
}
async function authorize({ ec2, target }: Context, rules: readonly Rule[]): Promise<void> {
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({ GroupId: target.groupId, IpPermissions: permissions(rules) }),
  );
}
