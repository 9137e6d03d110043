/** What the updater of security groups may do in one account: nothing beyond its targets, as far as IAM can say so. */
import {
  IP_RANGES_READS,
  type IpRangesTarget,
  OWN_TAG,
  PREFIX_TAG,
  QUOTA_CODES,
} from '../../functions/contract/ip-ranges.ts';
import type { Allowance } from './role.ts';

type Place = { readonly partition: string; readonly account: string };

/** Reads that IAM ties to a resource. */
const OF_A_RESOURCE: ReadonlySet<string> = new Set([
  'ec2:GetManagedPrefixListEntries',
  'servicequotas:GetServiceQuota',
]);

/** For the targets of this account, one at least. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
export function ipRangesAllowances(targets: readonly IpRangesTarget[], place: Place): Allowance[] {
  const regions = unique(targets.map(({ region }) => region));
  const lists = targets.filter(({ mode }) => mode === 'prefix-list');
  const groups = targets.filter(({ mode }) => mode === 'security-groups');
  return [
    {
      actions: IP_RANGES_READS.filter((action) => !OF_A_RESOURCE.has(action)),
      on: '*',
      when: { StringEquals: { 'aws:RequestedRegion': regions } },
      because: 'EC2 and Elastic Load Balancing take no resource for describing',
    },
    {
      actions: ['servicequotas:GetServiceQuota'],
      on: regions.flatMap((region) =>
        Object.values(QUOTA_CODES).map((code) => arnOf(place, 'servicequotas', region, `vpc/${code}`)),
      ),
    },
    ...(lists.length > 0 ? ofPrefixLists(lists, place) : []),
    ...(groups.length > 0 ? ofGroups(groups, place) : []),
  ];
}

function ofPrefixLists(targets: readonly IpRangesTarget[], place: Place): Allowance[] {
  const names = namesOf(targets);
  const lists = inRegions(targets, place, 'prefix-list/*');
  return [
    {
      actions: ['ec2:CreateManagedPrefixList'],
      on: lists,
      when: { StringEquals: { [`aws:RequestTag/${OWN_TAG}`]: names } },
      because: 'A list that is made has no id yet; it bears the name of its target',
    },
    {
      actions: ['ec2:GetManagedPrefixListEntries', 'ec2:ModifyManagedPrefixList'],
      on: lists,
      when: { StringEquals: { [`aws:ResourceTag/${OWN_TAG}`]: names } },
      because: "Lists that bear a target's name, which AWS gave their ids",
    },
    tagging(lists, ['CreateManagedPrefixList']),
  ];
}

const ofGroups = (targets: readonly IpRangesTarget[], place: Place): Allowance[] => [
  ...changingRules(targets, place),
  ...makingGroups(targets, place),
  ...attachingGroups(targets, place),
];

const CHANGE_RULES = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'];

function changingRules(targets: readonly IpRangesTarget[], place: Place): Allowance[] {
  const names = namesOf(targets);
  const groups = inRegions(targets, place, 'security-group/*');
  const named = unique(targets.flatMap((target) => groupsOf(target, place)));
  const prefixes = unique(targets.filter((target) => !target.groups).map(({ prefixName }) => prefixName));
  const byPrefix: Allowance = {
    actions: CHANGE_RULES,
    on: groups,
    when: { StringEquals: { [`aws:ResourceTag/${PREFIX_TAG}`]: prefixes } },
    because: 'Groups that somebody marked with the prefix, whatever their ids',
  };
  return [
    ...(prefixes.length > 0 ? [byPrefix] : []),
    ...(named.length > 0 ? [{ actions: CHANGE_RULES, on: named }] : []),
    {
      actions: [...CHANGE_RULES, 'ec2:RevokeSecurityGroupEgress', 'ec2:DeleteSecurityGroup'],
      on: groups,
      when: { StringEquals: { [`aws:ResourceTag/${OWN_TAG}`]: names } },
      because: "Groups that it made, which bear a target's name",
    },
    {
      actions: ['ec2:AuthorizeSecurityGroupIngress'],
      on: inRegions(targets, place, 'security-group-rule/*'),
      when: { StringEquals: { [`aws:RequestTag/${OWN_TAG}`]: names } },
      because: 'Rules that are made have no ids yet; they bear the name of their target',
    },
  ];
}

function makingGroups(targets: readonly IpRangesTarget[], place: Place): Allowance[] {
  const groups = inRegions(targets, place, 'security-group/*');
  const rules = inRegions(targets, place, 'security-group-rule/*');
  const vpcs = vpcsOf(targets, place);
  return [
    {
      actions: ['ec2:CreateSecurityGroup'],
      on: groups,
      when: { StringEquals: { [`aws:RequestTag/${OWN_TAG}`]: namesOf(targets) } },
      because: 'A group that is made has no id yet; it bears the name of its target',
    },
    {
      actions: ['ec2:CreateSecurityGroup'],
      on: vpcs,
      ...(!allNamed(vpcs) && {
        because: 'Where a target names no VPC, only its account knows in which one its groups lie',
      }),
    },
    tagging([...groups, ...rules], ['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress']),
  ];
}

function attachingGroups(targets: readonly IpRangesTarget[], place: Place): Allowance[] {
  const vpcs = vpcsOf(targets, place);
  const balancers = unique(targets.map(({ region }) => region)).flatMap((region) =>
    ['app', 'net'].map((type) => arnOf(place, 'elasticloadbalancing', region, `loadbalancer/${type}/*`)),
  );
  return [
    {
      actions: ['ec2:ModifyNetworkInterfaceAttribute'],
      on: ['network-interface/*', 'security-group/*'].flatMap((resource) => inRegions(targets, place, resource)),
      ...(allNamed(vpcs) && { when: { ArnEquals: { 'ec2:Vpc': vpcs } } }),
      because: 'Whatever bears the groups gets the next one too, beside the groups that it has',
    },
    {
      actions: ['elasticloadbalancing:SetSecurityGroups'],
      on: balancers,
      because: 'Load balancers that bear the groups get the next one too, whatever their names',
    },
  ];
}

/** Tags are given at creation and never changed. */
const tagging = (on: readonly string[], creators: readonly string[]): Allowance => ({
  actions: ['ec2:CreateTags'],
  on,
  when: {
    StringEquals: { 'ec2:CreateAction': creators },
    'ForAllValues:StringEquals': { 'aws:TagKeys': [OWN_TAG, PREFIX_TAG, 'Name'] },
  },
  because: 'What is made has no id yet; nothing that exists can be tagged so',
});

const inRegions = (targets: readonly IpRangesTarget[], place: Place, resource: string): string[] =>
  unique(targets.map(({ region }) => arnOf(place, 'ec2', region, resource)));

const namesOf = (targets: readonly IpRangesTarget[]): string[] => unique(targets.map(({ name }) => name));

const allNamed = (arns: readonly string[]): boolean => arns.every((arn) => !arn.endsWith('*'));

const vpcsOf = (targets: readonly IpRangesTarget[], place: Place): string[] =>
  unique(targets.map(({ region, vpcId }) => arnOf(place, 'ec2', region, `vpc/${vpcId ?? '*'}`)));

const groupsOf = ({ region, groups }: IpRangesTarget, place: Place): string[] =>
  (groups ?? []).map((id) => arnOf(place, 'ec2', region, `security-group/${id}`));

const arnOf = ({ partition, account }: Place, service: string, region: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();
