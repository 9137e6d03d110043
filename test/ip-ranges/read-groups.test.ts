/** The state of an account for the planner: the owners of rules, groups and attachments. */
import {
  EC2Client,
  type Filter,
  type NetworkInterface,
  type SecurityGroup,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { PREFIX_TAG } from '../../ip-ranges/contract/targets.ts';
import { OWN_TAG } from '../../ip-ranges/function/marks.ts';
import { readGroups, readMarked, rulesOf } from '../../ip-ranges/function/read-groups.ts';
import { rangesTarget } from './support.ts';

const VPC = 'vpc-00000001';
type Account = {
  readonly groups?: readonly SecurityGroup[];
  readonly rules?: readonly SecurityGroupRule[];
  readonly interfaces?: readonly NetworkInterface[];
  readonly balancers?: readonly object[];
  readonly vpcs?: readonly object[];
};
const tags = (of: Readonly<Record<string, string>>) => Object.entries(of).map(([Key, Value]) => ({ Key, Value }));
const group = (GroupId: string, of: Readonly<Record<string, string>> = {}, more: object = {}): SecurityGroup => ({
  ...{ GroupId, GroupName: GroupId, VpcId: VPC, Tags: tags(of) },
  ...more,
});
let rules = 0;
const rule = (GroupId: string, CidrIpv4: string, more: SecurityGroupRule = {}): SecurityGroupRule => ({
  ...{ GroupId, CidrIpv4, SecurityGroupRuleId: `sgr-${++rules}`, IsEgress: false },
  ...{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...more },
});
const everything = (GroupId: string) => rule(GroupId, '0.0.0.0/0', { IsEgress: true, IpProtocol: '-1' });
const own = (name = 'AUTOUPDATE') => ({ Tags: tags({ [OWN_TAG]: name }) });
const marked = (GroupId: string, more: object = {}) => group(GroupId, { [PREFIX_TAG]: 'AUTOUPDATE' }, more);

/** Answers as EC2 does, for the filters that the updater uses. */
function clientsOf({ groups = [], rules = [], interfaces = [], balancers = [], vpcs = [] }: Account) {
  const inputs: { operation: string; input: { Filters?: Filter[] } }[] = [];
  const holds = (thing: any, { Name = '', Values = [] }: Filter) => {
    if (Name.startsWith('tag:'))
      return thing.Tags?.some(({ Key, Value }: any) => `tag:${Key}` === Name && Values.includes(Value));
    if (Name === 'group-id')
      return [thing.GroupId, ...(thing.Groups ?? []).map((each: any) => each.GroupId)].some((id) =>
        Values.includes(id),
      );
    return Name === 'vpc-id' ? Values.includes(thing.VpcId) : true;
  };
  const found = (things: readonly object[], { Filters = [], GroupIds }: any) =>
    things.filter(
      (thing: any) =>
        Filters.every((each: Filter) => holds(thing, each)) && (GroupIds?.includes(thing.GroupId) ?? true),
    );
  const send = async (command: { constructor: { name: string }; input: any }) => {
    inputs.push({ operation: command.constructor.name, input: command.input });
    switch (command.constructor.name) {
      case 'DescribeSecurityGroupsCommand':
        return { SecurityGroups: found(groups, command.input) };
      case 'DescribeSecurityGroupRulesCommand':
        return { SecurityGroupRules: found(rules, command.input) };
      case 'DescribeNetworkInterfacesCommand':
        return { NetworkInterfaces: found(interfaces, command.input) };
      case 'DescribeVpcsCommand':
        return { Vpcs: vpcs };
      default:
        return { LoadBalancers: balancers };
    }
  };
  const ec2 = Object.assign(new EC2Client({}), { send });
  const elb = Object.assign(new ElasticLoadBalancingV2Client({}), { send });
  return { clients: { ec2, elb } as { ec2: EC2Client; elb: ElasticLoadBalancingV2Client }, inputs };
}
const read = (account: Account, options: object = {}, others: readonly object[] = []) =>
  readGroups({ ...rangesTarget(options), others: others as never }, clientsOf(account).clients, []);
const one = async (account: Account, options: object = {}, others: readonly object[] = []) =>
  (await read(account, options, others)).groups[0]!;

describe('groups', () => {
  it('are in the order of the configuration, then by number, then by id', async () => {
    const names = [
      ['sg-00000009', 'AUTOUPDATE-10'],
      ['sg-00000003', 'AUTOUPDATE-2'],
      ['sg-00000002', 'AUTOUPDATE-2'],
      ['sg-00000001', 'z'],
    ].map(([id, GroupName]) => group(id!, { [OWN_TAG]: 'AUTOUPDATE' }, { GroupName }));
    const { groups } = await read({ groups: names }, { vpcId: undefined, groups: ['sg-00000001'] });
    expect(groups.map(({ id }) => id)).toEqual(['sg-00000001', 'sg-00000002', 'sg-00000003', 'sg-00000009']);
  });
  it('that are configured must be in one VPC', async () => {
    const groups = [group('sg-00000001'), group('sg-00000002', {}, { VpcId: 'vpc-00000002' })];
    const options = { vpcId: undefined, groups: ['sg-00000001', 'sg-00000002'] };
    await expect(read({ groups }, options)).rejects.toMatchObject({
      name: 'TargetBlocked',
      message: 'The groups sg-00000001, sg-00000002 lie in 2 VPCs: make one target for each VPC.',
    });
  });
  it('are those of the default VPC if the target names none, which must exist', async () => {
    const groups = [marked('sg-1', { VpcId: 'vpc-00000007' }), marked('sg-2')];
    const { vpcId, groups: found } = await read({ groups, vpcs: [{ VpcId: 'vpc-00000007' }] }, { vpcId: undefined });
    expect([vpcId, found.map(({ id }) => id)]).toEqual(['vpc-00000007', ['sg-1']]);
    await expect(read({ groups }, { vpcId: undefined })).rejects.toMatchObject({
      name: 'TargetBlocked',
      message: expect.stringContaining('no default VPC in us-east-1'),
    });
  });
  it('are read with their rules, 200 in a call', async () => {
    const { clients, inputs } = clientsOf({});
    await rulesOf(
      Array.from({ length: 201 }, (_, n) => `sg-${n}`),
      clients.ec2,
    );
    expect(inputs.map(({ input }) => input.Filters![0]!.Values!.length)).toEqual([200, 1]);
  });
});

describe('a rule', () => {
  it('belongs to the target by its tag, and otherwise to others, with its description or former target', async () => {
    const rules = [
      rule('sg-1', '192.0.2.0/24', own()),
      rule('sg-1', '198.51.100.0/24', { Description: 'ours' }),
      rule('sg-1', '203.0.113.0/24', own('former')),
    ];
    const { own: held, foreign, foreignWeight } = await one({ groups: [marked('sg-1')], rules });
    expect(held.map(({ id }) => id)).toEqual([rules[0]!.SecurityGroupRuleId]);
    expect(foreign).toMatchObject([{ description: 'ours' }, { orphanOf: 'former' }]);
    expect(foreignWeight).toEqual({ IPv4: 2, IPv6: 0 });
  });
  it.each<[string, SecurityGroupRule]>([
    ['of another protocol', { IpProtocol: 'icmp' }],
    ['for everybody', { CidrIpv4: '0.0.0.0/0' }],
    ['for a group', { CidrIpv4: undefined, ReferencedGroupInfo: { GroupId: 'sg-2' } }],
  ])('%s counts against the limit, but is not a rule for a range', async (_, more) => {
    const { own, foreign, foreignWeight } = await one({
      groups: [marked('sg-1')],
      rules: [rule('sg-1', '192.0.2.0/24', more)],
    });
    expect([own, foreign, foreignWeight.IPv4]).toEqual([[], [], 1]);
  });
});

describe('a group', () => {
  const mine = group('sg-1', { [PREFIX_TAG]: 'AUTOUPDATE', [OWN_TAG]: 'AUTOUPDATE' });
  it.each<[string, SecurityGroup, SecurityGroupRule[], object]>([
    ['that was just made', mine, [everything('sg-1')], { created: true, open: true, shared: false }],
    ['without outbound rules', mine, [], { created: true, open: false, shared: false }],
    [
      'that people opened after it got rules',
      mine,
      [everything('sg-1'), rule('sg-1', '192.0.2.0/24', own())],
      { open: true, shared: true },
    ],
    ['with a rule of people', mine, [rule('sg-1', '192.0.2.0/24')], { shared: true }],
    [
      'with an outbound rule of people',
      mine,
      [everything('sg-1'), rule('sg-1', '10.0.0.0/8', { IsEgress: true })],
      { open: false, shared: true },
    ],
    ['of people, as it began', marked('sg-1'), [everything('sg-1')], { created: false, open: true, shared: false }],
  ])('%s is read as such', async (_, found, rules, expected) => {
    expect(await one({ groups: [found], rules })).toMatchObject(expected);
  });

  const other = { name: 'other', mode: 'security-groups', prefixName: 'AUTOUPDATE' };
  it.each<[string, SecurityGroup, object, string[]]>([
    ['with its prefix in any VPC', marked('sg-1'), other, ['other']],
    ['with its prefix in this VPC', marked('sg-1'), { ...other, vpcId: VPC }, ['other']],
    ['with its prefix in another VPC', marked('sg-1'), { ...other, vpcId: 'vpc-2' }, []],
    ['with another prefix', marked('sg-1'), { ...other, prefixName: 'OTHER' }, []],
    ['that names it', mine, { ...other, groups: ['sg-1'] }, ['other']],
    ['that names others', marked('sg-1'), { ...other, groups: ['sg-2'] }, []],
    ['with its prefix, but made for this one', mine, other, []],
    ['with its prefix, but for prefix lists', marked('sg-1'), { ...other, mode: 'prefix-list' }, []],
  ])('is shared or not shared with a target %s', async (_, found, configured, alsoOf) => {
    expect((await one({ groups: [found] }, {}, [configured])).alsoOf).toEqual(alsoOf);
  });
});

describe('attachments', () => {
  const attached = (NetworkInterfaceId: string, more: NetworkInterface = {}): NetworkInterface => ({
    NetworkInterfaceId,
    Groups: [{ GroupId: 'sg-1' }],
    ...more,
  });
  const points = async (account: Account) => (await read({ groups: [marked('sg-1')], ...account })).points;

  it('are interfaces, marked if a service manages them', async () => {
    const managed = attached('eni-2', {
      RequesterManaged: true,
      InterfaceType: 'lambda',
      Description: 'of a function',
    });
    expect(await points({ interfaces: [attached('eni-1'), managed, attached('eni-3', { Groups: [] })] })).toEqual([
      { kind: 'interface', id: 'eni-1', groups: ['sg-1'] },
      {
        kind: 'interface',
        id: 'eni-2',
        groups: ['sg-1'],
        fixed: 'a service manages it (lambda: of a function)',
      },
    ]);
  });
  it('are load balancers instead of their interfaces', async () => {
    const interfaces = ['ELB app/web/1', 'ELB net/tcp/2'].map((Description, n) =>
      attached(`eni-${n}`, { Description }),
    );
    const balancers = [
      { LoadBalancerArn: 'web', SecurityGroups: ['sg-9', 'sg-1'] },
      { LoadBalancerArn: 'other', SecurityGroups: ['sg-9'] },
      { LoadBalancerArn: 'without' },
    ];
    expect(await points({ interfaces, balancers })).toEqual([
      { kind: 'balancer', id: 'web', groups: ['sg-9', 'sg-1'] },
    ]);
  });
});

describe('the leftovers of a former target', () => {
  const target = rangesTarget({ name: 'former' });
  it('are found by tags on groups and rules, with the rules of other groups on the same interfaces', async () => {
    const account: Account = {
      groups: [group('sg-1', { [OWN_TAG]: 'former' }), group('sg-2'), group('sg-3'), group('sg-4')],
      rules: [
        rule('sg-2', '192.0.2.0/24', own('former')),
        rule('sg-3', '198.51.100.0/24'),
        rule('sg-3', '203.0.113.0/24', { IsEgress: true }),
        rule('sg-4', '203.0.113.0/24'),
      ],
      interfaces: [{ NetworkInterfaceId: 'eni-1', Groups: ['sg-1', 'sg-2', 'sg-3'].map((GroupId) => ({ GroupId })) }],
    };
    const { groups, besides } = await readMarked(target, clientsOf(account).clients);
    expect(groups.map(({ id, created }) => [id, created])).toEqual([
      ['sg-1', true],
      ['sg-2', false],
    ]);
    expect([...besides]).toMatchObject([['sg-3', [{ id: account.rules![1]!.SecurityGroupRuleId }]]]);
    expect(besides.get('sg-3')).toHaveLength(1);
  });
  it('may be none, which takes one call for groups', async () => {
    const { clients, inputs } = clientsOf({ groups: [group('sg-1')] });
    expect((await readMarked(target, clients)).groups).toEqual([]);
    expect(inputs.filter(({ operation }) => operation === 'DescribeSecurityGroupsCommand')).toHaveLength(1);
  });
});
