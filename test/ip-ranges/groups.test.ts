/** The function's calls against the sandbox's EC2: what a target's account holds before and after. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { RAMClient } from '@aws-sdk/client-ram';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IpRangesTarget } from '../../ip-ranges/contract/targets.ts';
import { listWeights, weightOf } from '../../ip-ranges/function/limits.ts';
import { OWN_TAG } from '../../ip-ranges/function/marks.ts';
import { type SiteDeps, siteOf } from '../../ip-ranges/function/site.ts';
import { FAMILIES, formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { type Document, wantedRanges } from '../../ip-ranges/planning/document.ts';
import type { PlanOptions } from '../../ip-ranges/planning/plan.ts';
import { setQuota } from '../../sandbox/services/servicequotas/state.ts';
import { OWN_ACCOUNT, type TwoAccounts, twoAccounts } from '../sandbox/support/two-accounts.ts';
import { clockOf } from './model.ts';
import { documentOf, publishedDocument, rangesTarget, siteDeps } from './support.ts';

let sandbox: TwoAccounts;
let clients: { ec2: EC2Client; elb: ElasticLoadBalancingV2Client; quotas: ServiceQuotasClient; ram: RAMClient };
let vpcId: string;
let subnets: string[];

beforeEach(async () => {
  sandbox = await twoAccounts();
  const options = {
    ...sandbox.administrator(OWN_ACCOUNT, 'us-east-1'),
    requestHandler: sandbox.inProcess,
    maxAttempts: 1,
  };
  clients = {
    ec2: new EC2Client(options),
    elb: new ElasticLoadBalancingV2Client(options),
    quotas: new ServiceQuotasClient(options),
    ram: new RAMClient(options),
  };
  const Filters = [{ Name: 'is-default', Values: ['true'] }];
  vpcId = (await clients.ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs![0]!.VpcId!;
  const found = await clients.ec2.send(new DescribeSubnetsCommand({}));
  subnets = found.Subnets!.map(({ SubnetId }) => SubnetId!);
});

const bring = (document: Document, target: IpRangesTarget, options: PlanOptions = {}) =>
  siteOf(target, clients, siteDeps(sleep)).bring(document, { isPublished: true, ...options }, clockOf());
const sleep = (milliseconds: number) => sandbox.kernel.clock.advance(milliseconds);
const here = (options: object = {}) => rangesTarget({ vpcId, ...options });

describe('a stop in the middle of a run', () => {
  const stopAfter = (reads: number, more: { all?: true } = {}) => {
    let count = 0;
    const line = { at: 'noon', by: 'eve', reason: 'a trial', ...more };
    return async () => (count++ < reads ? undefined : line);
  };
  const bringUntil = (stop: SiteDeps['stop'], isPublished = true) =>
    siteOf(here(), clients, { sleep, stop }).bring(
      documentOf(['192.0.2.0/24', '203.0.113.0/24']),
      { isPublished, allowShrink: true },
      clockOf(),
    );
  beforeEach(async () => void (await bring(documentOf(['192.0.2.0/24', '198.51.100.0/24']), here())));

  it.each<[string, () => ReturnType<typeof bringUntil>, string[]]>([
    ['ends the run before its next revocation', () => bringUntil(stopAfter(1)), ['203.0.113.0/24']],
    ['with --all ends the run before its next call', () => bringUntil(stopAfter(1, { all: true })), []],
    ['ends a run of a proposed document before its next call', () => bringUntil(stopAfter(1), false), []],
  ])('%s', async (_, run, more) => {
    await expect(run()).rejects.toMatchObject({
      name: 'Stopped',
      message: expect.stringMatching(/since noon by eve: a trial/),
    });
    expect(await letIn()).toEqual(['192.0.2.0/24', '198.51.100.0/24', ...more]);
  });
  it('ends a removal before its first call', async () => {
    const site = siteOf(here(), clients, { sleep, stop: stopAfter(0) });
    const { carryOut, report, calls } = await site.removal();
    expect([calls.length, report.notes[0]]).toEqual([1, expect.stringContaining('Suture is stopped')]);
    await expect(carryOut()).rejects.toMatchObject({ name: 'Stopped' });
    expect(await letIn()).toHaveLength(2);
  });
});

async function groups() {
  const { SecurityGroups = [] } = await clients.ec2.send(new DescribeSecurityGroupsCommand({}));
  return SecurityGroups.filter(({ GroupName }) => GroupName !== 'default').sort((a, b) =>
    a.GroupName!.localeCompare(b.GroupName!),
  );
}
async function rules(GroupId?: string) {
  const Filters = GroupId ? [{ Name: 'group-id', Values: [GroupId] }] : undefined;
  const { SecurityGroupRules = [] } = await clients.ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.filter(({ IsEgress, CidrIpv4, CidrIpv6 }) => !IsEgress && (CidrIpv4 ?? CidrIpv6));
}
const letIn = async () => (await rules()).map(({ CidrIpv4, CidrIpv6 }) => CidrIpv4 ?? CidrIpv6).sort();
const wanted = (document: Document, target: IpRangesTarget) =>
  wantedRanges(document, target).ranges.map(formatCidr).sort();

async function interfaceWith(...Groups: string[]): Promise<string> {
  const made = await clients.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnets[0], Groups }));
  return made.NetworkInterface!.NetworkInterfaceId!;
}
async function groupsOn(id: string) {
  const found = await clients.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  return found.NetworkInterfaces![0]!.Groups!.map(({ GroupId }) => GroupId!);
}
async function groupOfPeople(GroupName: string, tags: Readonly<Record<string, string>> = {}): Promise<string> {
  const made = await clients.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName,
      Description: 'of people',
      VpcId: vpcId,
      ...(Object.keys(tags).length > 0 && {
        TagSpecifications: [
          { ResourceType: 'security-group', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
        ],
      }),
    }),
  );
  return made.GroupId!;
}

describe('groups of a VPC', () => {
  it('are created with tags and without outbound rules, and hold the minimal cover', async () => {
    const document = publishedDocument('origin-facing-46-68-45.1');
    await bring(document, here());
    const [group, ...more] = await groups();
    expect(more).toEqual([]);
    expect(group).toMatchObject({ GroupName: 'AUTOUPDATE-1', VpcId: vpcId, IpPermissionsEgress: [] });
    expect(Object.fromEntries(group!.Tags!.map(({ Key, Value }) => [Key, Value]))).toEqual({
      Name: 'AUTOUPDATE-1',
      PREFIX_NAME: 'AUTOUPDATE',
      [OWN_TAG]: 'AUTOUPDATE',
    });
    expect(await letIn()).toEqual(wanted(document, here()));
    const [rule] = await rules();
    expect(rule).toMatchObject({ Description: 'CLOUDFRONT_ORIGIN_FACING', FromPort: 443, Tags: [{ Key: OWN_TAG }] });
  });

  it('at 46 → 68 → 45 rows and limit 60 get a second group, which is attached beside the others and kept', async () => {
    await bring(publishedDocument('origin-facing-46-68-45.1'), here());
    const [first] = await groups();
    const people = await groupOfPeople('people');
    const eni = await interfaceWith(people, first!.GroupId!);
    const balancer = await clients.elb.send(
      new CreateLoadBalancerCommand({
        Name: 'web',
        Subnets: subnets,
        SecurityGroups: [first!.GroupId!],
        Type: 'application',
      }),
    );
    for (const step of ['.2', '.3']) {
      const document = publishedDocument(`origin-facing-46-68-45${step}`);
      await bring(document, here());
      expect(await letIn()).toEqual(wanted(document, here()));
    }
    const second = (await groups()).find(({ GroupName }) => GroupName === 'AUTOUPDATE-2');
    expect(await groupsOn(eni)).toEqual([people, first!.GroupId, second!.GroupId]);
    const { LoadBalancers } = await clients.elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer.LoadBalancers![0]!.LoadBalancerArn!] }),
    );
    expect(LoadBalancers![0]!.SecurityGroups).toEqual([first!.GroupId, second!.GroupId]);
  });

  it('with the prefix tag are used as they are, and rules of people in them stay', async () => {
    const GroupId = await groupOfPeople('cloudfront', { PREFIX_NAME: 'AUTOUPDATE' });
    const tcp = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    await clients.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [
          { ...tcp, IpRanges: [{ CidrIp: '192.0.2.0/24' }, { CidrIp: '203.0.113.7/32', Description: 'office' }] },
        ],
      }),
    );
    await bring(documentOf(['192.0.2.0/24', '198.51.100.0/24']), here());
    expect(await letIn()).toEqual(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.7/32']);
    await bring(documentOf(['198.51.100.0/25']), here(), { allowShrink: true });
    expect(await letIn()).toEqual(['192.0.2.0/24', '198.51.100.0/25', '203.0.113.7/32']);
    expect(await groups()).toHaveLength(1);
  });

  it('of another target with the same prefix are left alone', async () => {
    const [web, mail] = [here({ name: 'web' }), here({ name: 'mail', ports: ['25'] })];
    const document = documentOf(['192.0.2.0/24']);
    await bring(document, web);
    await bring(document, mail);
    expect((await groups()).map(({ IpPermissions }) => IpPermissions!.map(({ FromPort }) => FromPort))).toEqual([
      [443],
      [25],
    ]);
    await bring(documentOf(['198.51.100.0/24']), web, { allowShrink: true });
    expect(await letIn()).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
  });
});

describe('groups that exist', () => {
  it('hold what fits, and a new group beside them the rest', async () => {
    const id = await groupOfPeople('origin');
    const target = rangesTarget({ vpcId: undefined, groups: [id] });
    const eni = await interfaceWith(id);
    const document = publishedDocument('origin-facing-46-68-45.2');
    await bring(document, target);
    expect(await rules(id)).toHaveLength(54 + 2);
    expect(await letIn()).toEqual(wanted(document, target));
    expect(await groupsOn(eni)).toHaveLength(2);
  });

  it('that do not exist fail with what to correct', async () => {
    const target = rangesTarget({ vpcId: undefined, groups: ['sg-00000000000000000'] });
    await expect(bring(documentOf(['192.0.2.0/24']), target)).rejects.toThrow(
      /does not exist.*Correct the target's groups/,
    );
  });
});

describe('limits', () => {
  it('are read from Service Quotas if configured as "quota"', async () => {
    await bring(
      publishedDocument('origin-facing-46-68-45.2'),
      here({ rulesPerGroup: 'quota', groupsPerInterface: 'quota' }),
    );
    expect(await groups()).toHaveLength(2);
  });

  it('are read from Service Quotas after a refusal, before anything is learned from it', async () => {
    const place = { partition: 'aws', account: OWN_ACCOUNT, region: 'us-east-1' };
    setQuota(sandbox.kernel, place, 'vpc/L-0EA8095F', 20);
    const document = publishedDocument('origin-facing-46-68-45.1');
    await bring(document, here());
    expect(await letIn()).toEqual(wanted(document, here()));
    const calls = sandbox.kernel.calls.map(({ operation, error }) => `${operation}${error ? ` ${error}` : ''}`);
    expect(calls.filter((call) => call.startsWith('GetServiceQuota'))).toHaveLength(2);
    expect(calls.filter((call) => call.includes('LimitExceeded'))).toHaveLength(1);
    for (const { GroupId } of await groups()) expect((await rules(GroupId)).length).toBeLessThanOrEqual(20);
  });

  it('of a full interface let in what fits, then the run fails', async () => {
    const target = here();
    await bring(publishedDocument('origin-facing-46-68-45.1'), target);
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((name) => groupOfPeople(name)));
    const [first] = (await groups()).filter(({ GroupName }) => GroupName!.startsWith('AUTO'));
    const eni = await interfaceWith(first!.GroupId!, ...ids);
    const { plan: planned } = await siteOf(target, clients, siteDeps(sleep)).look(
      publishedDocument('origin-facing-46-68-45.2'),
      {},
    );
    expect(planned.error?.message).toMatch(new RegExp(`no room for \\d+ of \\d+ rules.*${eni} has .* 6 of at most 5`));
    const { calls, error } = await bring(publishedDocument('origin-facing-46-68-45.2'), target);
    expect([error?.message, calls]).toEqual([planned.error?.message, planned.calls]);
    expect((await rules(first!.GroupId)).filter(({ CidrIpv4 }) => CidrIpv4)).toHaveLength(60);
    expect(await groups()).toHaveLength(5);
  });

  it.each([
    ['com.amazonaws.us-east-1.route53-healthchecks', 'IPv4', 25],
    ['com.amazonaws.us-east-1.ipv6.vpc-lattice', 'IPv6', 10],
    ['com.amazonaws.global.ipv6.cloudfront.origin-facing', 'IPv6', 55],
    ['com.amazonaws.eu-central-1.secretsmanager-managed-external-secrets', 'IPv4', 20],
    ['com.amazonaws.us-gov-west-1.s3express', 'IPv4', 6],
  ])('a rule that names AWS’s list %s counts for its weight', async (PrefixListName, AddressFamily, weight) => {
    const send = async () => ({ PrefixLists: [{ PrefixListId: 'pl-1', PrefixListName, AddressFamily }] });
    const client = Object.assign(new EC2Client({}), { send });
    const rule = { PrefixListId: 'pl-1' };
    const weights = await listWeights([rule], client);
    expect(FAMILIES.map((family) => weightOf([rule], family, weights))).toEqual(
      FAMILIES.map((family) => (family === AddressFamily ? weight : 0)),
    );
  });
});

describe('leftovers', () => {
  const tcp = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
  const allow = (GroupId: string, ranges: { CidrIp: string; Description?: string }[]) =>
    clients.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ ...tcp, IpRanges: ranges }] }),
    );
  const remove = (name: string) => siteOf(rangesTarget({ name }), clients, siteDeps(sleep)).removal();

  it("of AWS's sample are shown in the plan and tagged when a person adopts them", async () => {
    const GroupId = await groupOfPeople('AUTOUPDATE 1-of-1', { PREFIX_NAME: 'AUTOUPDATE' });
    await allow(GroupId, [
      { CidrIp: '192.0.2.0/24', Description: 'CLOUDFRONT rule 1 of 2' },
      { CidrIp: '198.51.100.0/24', Description: 'CLOUDFRONT rule 2 of 2' },
      { CidrIp: '203.0.113.7/32', Description: 'office' },
    ]);
    const document = documentOf(['192.0.2.0/24']);
    const site = siteOf(here(), clients, siteDeps(sleep));
    expect((await site.look(document, {})).plan.calls).toEqual([]);
    expect((await site.look(document, {})).plan.notes.join()).toMatch(/198\.51\.100\.0\/24.*give --adopt/);
    const { calls } = (await site.look(document, { adopt: true })).plan;
    expect(calls).toEqual([
      { call: 'CreateTags', on: GroupId, detail: expect.stringMatching(/192\.0\.2\.0\/24, .*198\.51\.100\.0\/24$/) },
      { call: 'RevokeSecurityGroupIngress', on: GroupId, remove: ['443/tcp from 198.51.100.0/24'] },
    ]);
    const before = (await rules()).find(({ CidrIpv4 }) => CidrIpv4 === '192.0.2.0/24')!.SecurityGroupRuleId;
    await bring(document, here(), { adopt: true });
    expect(await letIn()).toEqual(['192.0.2.0/24', '203.0.113.7/32']);
    expect((await rules()).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).toContain(before);
    const tagged = (await rules()).filter(({ Tags }) => Tags?.some(({ Key }) => Key === OWN_TAG));
    expect(tagged.map(({ CidrIpv4 }) => CidrIpv4)).toEqual(['192.0.2.0/24']);
  });

  it('of a target are removed if another group of the interface lets in the same, and kept otherwise', async () => {
    const document = documentOf(['192.0.2.0/24', '198.51.100.0/24']);
    await bring(document, here({ name: 'old' }));
    const [old] = (await groups()).map(({ GroupId }) => GroupId!);
    const eni = await interfaceWith(old!, await groupOfPeople('people'));
    expect((await remove('old')).error?.message).toMatch(
      new RegExp(`${eni} has ${old} and would lose 2 rules that no other group of it has`),
    );
    await (await remove('old')).carryOut();
    expect(await letIn()).toEqual(['192.0.2.0/24', '198.51.100.0/24']);

    await bring(document, here({ name: 'new', prefixName: 'NEW' }));
    const fresh = (await groups()).find(({ GroupName }) => GroupName === 'NEW-1')!.GroupId!;
    const Groups = [...(await groupsOn(eni)), fresh];
    await clients.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: eni, Groups }));
    const { calls, error } = await remove('old');
    expect([error, calls.map(({ call }) => call)]).toEqual([
      undefined,
      ['ModifyNetworkInterfaceAttribute', 'DeleteSecurityGroup'],
    ]);
    await (await remove('old')).carryOut();
    expect(await letIn()).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(await groupsOn(eni)).not.toContain(old);
  });

  it('of a target in a group of people are revoked if the group is attached to nothing', async () => {
    const id = await groupOfPeople('origin');
    await allow(id, [{ CidrIp: '203.0.113.7/32', Description: 'office' }]);
    await bring(documentOf(['192.0.2.0/24']), rangesTarget({ vpcId: undefined, name: 'old', groups: [id] }));
    await (await remove('old')).carryOut();
    expect(await letIn()).toEqual(['203.0.113.7/32']);
    expect(await groups()).toHaveLength(1);
  });

  it('of a former target in a group of its successor are adopted', async () => {
    const id = await groupOfPeople('origin');
    const at = (name: string) => rangesTarget({ vpcId: undefined, name, groups: [id] });
    await bring(documentOf(['192.0.2.0/24', '198.51.100.0/24']), at('old'));
    await bring(documentOf(['192.0.2.0/24']), at('new'), { adopt: true });
    expect(await letIn()).toEqual(['192.0.2.0/24']);
  });

  it('of another target in the same group block the run, and nothing is changed', async () => {
    const id = await groupOfPeople('origin', { PREFIX_NAME: 'AUTOUPDATE' });
    await bring(documentOf(['192.0.2.0/24']), rangesTarget({ vpcId: undefined, name: 'a', groups: [id] }));
    const beside = { ...here({ name: 'b' }), others: [here({ name: 'a', prefixName: 'A' })] };
    const { calls, error } = await bring(documentOf(['192.0.2.0/24']), beside);
    expect([calls, error?.message]).toEqual([[], expect.stringMatching(/belongs to the target a too/)]);
  });

  it.each([
    ['names', { groups: ['sg-named'] }],
    ['marks by the same prefix', { prefixName: 'AUTOUPDATE' }],
  ])('in a group that another target %s block the run, also before that target wrote a rule', async (_, other) => {
    const id = await groupOfPeople('origin', { PREFIX_NAME: 'AUTOUPDATE' });
    const a = { ...here({ name: 'a', prefixName: 'A' }), ...other, ...('groups' in other && { groups: [id] }) };
    const { calls, error } = await bring(documentOf(['192.0.2.0/24']), { ...here({ name: 'b' }), others: [a] });
    expect([calls, error?.message]).toEqual([[], expect.stringMatching(/belongs to the target a too/)]);
  });
});

describe('prefix list mode', () => {
  const target = () =>
    rangesTarget({
      vpcId: undefined,
      mode: 'prefix-list',
      services: ['CLOUDFRONT'],
      rulesPerGroup: 1000,
      groupsPerInterface: 1,
    });
  async function lists() {
    const { PrefixLists = [] } = await clients.ec2.send(new DescribeManagedPrefixListsCommand({}));
    return Promise.all(
      PrefixLists.map(async ({ PrefixListId, AddressFamily, MaxEntries, PrefixListName }) => {
        const found = [];
        let NextToken: string | undefined;
        do {
          const page = await clients.ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId, NextToken }));
          found.push(...page.Entries!.map(({ Cidr }) => Cidr!));
          NextToken = page.NextToken;
        } while (NextToken);
        return { name: PrefixListName, AddressFamily, MaxEntries: MaxEntries!, entries: found };
      }),
    );
  }

  it('keeps one list for each family, which is large enough for its entries', async () => {
    for (const name of ['cloudfront-99-124-99.1', 'cloudfront-99-124-99.2', 'latest', 'cloudfront-99-124-99.3']) {
      const document = { ...publishedDocument(name), syncToken: '1' };
      await bring(document, target(), { allowShrink: true });
      const held = await lists();
      expect(held.map((list) => list.AddressFamily)).toEqual(['IPv4', 'IPv6']);
      expect(held.flatMap(({ entries }) => entries).sort()).toEqual(wanted(document, target()));
      for (const { MaxEntries, entries } of held) expect(MaxEntries).toBeGreaterThanOrEqual(entries.length);
    }
  });

  describe('with a list that EC2 cannot resize', () => {
    const small = () => rangesTarget({ vpcId: undefined, mode: 'prefix-list', families: ['IPv4'] });
    const many = (count: number) => Array.from({ length: count }, (_, n) => `198.51.${n}.0/24`);
    let list: string;
    beforeEach(async () => {
      await bring(documentOf(many(50)), small());
      const { PrefixLists } = await clients.ec2.send(new DescribeManagedPrefixListsCommand({}));
      list = PrefixLists![0]!.PrefixListId!;
      const tcp = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
      const office = Array.from({ length: 4 }, (_, n) => ({ CidrIp: `10.0.${n}.0/24` }));
      for (const name of ['web', 'mail']) {
        const GroupId = await groupOfPeople(name);
        const IpPermissions = [{ ...tcp, PrefixListIds: [{ PrefixListId: list }], IpRanges: office }];
        await clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
      }
    });

    it('adds what fits, names every group without room, and accepts later documents', async () => {
      const { calls, error } = await bring(documentOf(many(58)), small());
      expect(calls.filter(({ add }) => add).flatMap(({ add }) => add)).toHaveLength(6);
      expect(error?.message).toMatch(
        /would need room for 58.*2 of them are not in it.*sg-\w+ \(\w+\) has 4 other rules, sg-\w+ \(\w+\) has 4 other rules/,
      );
      const { MaxEntries, State } = (await clients.ec2.send(new DescribeManagedPrefixListsCommand({})))
        .PrefixLists![0]!;
      expect([MaxEntries, State]).toEqual([56, 'modify-complete']);
      const site = siteOf(small(), clients, siteDeps(sleep));
      expect(await site.see()).toMatchObject({ holders: [{ own: { IPv4: 56 }, limit: 56 }] });
      expect((await site.look(documentOf(many(58)), {})).plan.error).toBeDefined();
      const fewer = await bring(documentOf(many(54)), small());
      expect(fewer).toMatchObject({ calls: [{ remove: { length: 2 } }] });
      expect(fewer.error).toBeUndefined();
    });

    it('deletes the list and its share with the target once no group names the list', async () => {
      const share = (resourceShareArn: string, name: string, value: string) => ({
        ...{ resourceShareArn, name },
        tags: [{ key: OWN_TAG, value }],
      });
      const resourceShares = [
        share('share-of-list', `suture-AUTOUPDATE-${list}`, 'AUTOUPDATE'),
        share('share-of-a-list-that-is-gone', 'suture-AUTOUPDATE-pl-00000000', 'AUTOUPDATE'),
        share('share-of-another-target', 'suture-b-pl-1', 'b'),
      ];
      const deleted: string[] = [];
      const send = async ({ input }: { input: { resourceShareArn?: string } }) => {
        if (input.resourceShareArn) deleted.push(input.resourceShareArn);
        return { resourceShares };
      };
      const ram = Object.assign(new RAMClient({}), { send }) as unknown as RAMClient;
      const removal = () => siteOf(small(), { ...clients, ram }, siteDeps(sleep)).removal();
      const { calls, error } = await removal();
      expect(calls).toEqual([{ call: 'DeleteResourceShare', on: 'share-of-a-list-that-is-gone' }]);
      expect(error?.message).toMatch(/\(web\) names pl-.*\(mail\) names pl-/);
      for (const { GroupId, GroupName } of await groups())
        if (GroupName === 'web' || GroupName === 'mail')
          await clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
      await (await removal()).carryOut();
      expect([await lists(), deleted]).toEqual([[], ['share-of-list', 'share-of-a-list-that-is-gone']]);
    });
  });
});
