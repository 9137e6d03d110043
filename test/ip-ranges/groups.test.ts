/** The function's calls against the sandbox's EC2: what a target's account holds before and after. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
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
import { OWN_TAG } from '../../ip-ranges/contract/targets.ts';
import { siteOf } from '../../ip-ranges/function/site.ts';
import { formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { type Document, wantedRanges } from '../../ip-ranges/planning/document.ts';
import type { PlanOptions } from '../../ip-ranges/planning/plan.ts';
import { own, type TwoAccounts, twoAccounts } from '../sandbox/support/two-accounts.ts';
import { clockOf } from './model.ts';
import { documentOf, published, targetOf } from './support.ts';

let sandbox: TwoAccounts;
let clients: { ec2: EC2Client; elb: ElasticLoadBalancingV2Client; quotas: ServiceQuotasClient; ram: RAMClient };
let vpcId: string;
let subnets: string[];

beforeEach(async () => {
  sandbox = await twoAccounts();
  const options = {
    ...sandbox.administrator(own, 'us-east-1'),
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
  siteOf(target, clients, sleep).bring(document, options, clockOf());
const sleep = (milliseconds: number) => sandbox.kernel.clock.advance(milliseconds);
const here = (options: object = {}) => targetOf({ vpcId, ...options });

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
  it('are made, marked, without the rule that lets everything out, and hold the minimal cover', async () => {
    const document = published('origin-facing-46-68-45.1');
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

  it('46 → 68 → 45 at limit 60: a second group, attached beside the first and what people attached, and kept', async () => {
    await bring(published('origin-facing-46-68-45.1'), here());
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
      const document = published(`origin-facing-46-68-45${step}`);
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

  it('that the prefix marks are taken as they are, with the rules of people in them', async () => {
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

  it('that are no longer needed come off and go, when compacted', async () => {
    await bring(published('origin-facing-46-68-45.2'), here());
    const ids = (await groups()).map(({ GroupId }) => GroupId!);
    const eni = await interfaceWith(...ids);
    const document = published('origin-facing-46-68-45.3');
    await bring(document, here());
    expect(await groups()).toHaveLength(2);
    await bring(document, here(), { compact: true });
    expect(await groups()).toHaveLength(1);
    expect(await groupsOn(eni)).toHaveLength(1);
    expect(await letIn()).toEqual(wanted(document, here()));
  });
});

describe('groups that exist', () => {
  it('hold the ranges, and a new one beside them what has no room', async () => {
    const id = await groupOfPeople('origin');
    const target = targetOf({ vpcId: undefined, groups: [id] });
    const eni = await interfaceWith(id);
    const document = published('origin-facing-46-68-45.2');
    await bring(document, target);
    expect(await rules(id)).toHaveLength(54 + 2);
    expect(await letIn()).toEqual(wanted(document, target));
    expect(await groupsOn(eni)).toHaveLength(2);
  });

  it('that do not exist are told apart from an error of AWS', async () => {
    const target = targetOf({ vpcId: undefined, groups: ['sg-00000000000000000'] });
    await expect(bring(documentOf(['192.0.2.0/24']), target)).rejects.toThrow(
      /does not exist.*Correct the target's groups/,
    );
  });
});

describe('limits', () => {
  it('are read from Service Quotas where configured so', async () => {
    await bring(published('origin-facing-46-68-45.2'), here({ rulesPerGroup: 'quota', groupsPerInterface: 'quota' }));
    expect(await groups()).toHaveLength(2);
  });

  it('a full interface is said before anything is written', async () => {
    const target = here({ cover: 'raw' });
    await bring(published('origin-facing-46-68-45.1'), target);
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((name) => groupOfPeople(name)));
    const [first] = (await groups()).filter(({ GroupName }) => GroupName!.startsWith('AUTO'));
    const eni = await interfaceWith(first!.GroupId!, ...ids);
    const before = await letIn();
    await expect(bring(published('origin-facing-46-68-45.2'), target)).rejects.toThrow(
      new RegExp(`Nothing was changed: ${eni} has .* 6 of at most 5 groups`),
    );
    expect(await letIn()).toEqual(before);
    expect(await groups()).toHaveLength(5);
  });
});

describe('prefix list mode', () => {
  const target = () => targetOf({ vpcId: undefined, mode: 'prefix-list', services: ['CLOUDFRONT'] });
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

  it('keeps one list a family, resized before it must hold more, in chunks of a hundred', async () => {
    for (const name of ['cloudfront-99-124-99.1', 'cloudfront-99-124-99.2', 'latest', 'cloudfront-99-124-99.3']) {
      const document = { ...published(name), syncToken: '1' };
      await bring(document, target(), { allowShrink: true });
      const held = await lists();
      expect(held.map((list) => list.AddressFamily)).toEqual(['IPv4', 'IPv6']);
      expect(held.flatMap(({ entries }) => entries).sort()).toEqual(wanted(document, target()));
      for (const { MaxEntries, entries } of held) expect(MaxEntries).toBeGreaterThanOrEqual(entries.length);
    }
  });
});
