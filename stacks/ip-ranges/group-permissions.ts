/** What the updater may do with security groups: those that it made, that bear the prefix, or that a target names. */
import { type IpRangesTarget, OWN_TAG, PREFIX_TAG, QUOTA_CODES } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';
import { type AccountPlace, arnOf, inRegions, namesOf, regionsOf, tagging, unique } from './resources.ts';

type Targets = readonly IpRangesTarget[];

/** For targets in security group mode, one at least. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
export const groupAllowances = (targets: Targets, place: AccountPlace): Allowance[] => [
  {
    actions: [
      'ec2:DescribeManagedPrefixLists',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroupRules',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeVpcs',
      'elasticloadbalancing:DescribeLoadBalancers',
    ],
    on: '*',
    when: { StringEquals: { 'aws:RequestedRegion': regionsOf(targets) } },
    because: 'EC2 and Elastic Load Balancing take no resource for describing',
  },
  {
    actions: ['servicequotas:GetServiceQuota'],
    on: regionsOf(targets).flatMap((region) =>
      Object.values(QUOTA_CODES).map((code) => arnOf(place, 'servicequotas', region, `vpc/${code}`)),
    ),
  },
  ...changingRules(targets, place),
  ...makingGroups(targets, place),
  ...attachingGroups(targets, place),
];

const CHANGE_RULES = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'];

function changingRules(targets: Targets, place: AccountPlace): Allowance[] {
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

function makingGroups(targets: Targets, place: AccountPlace): Allowance[] {
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

function attachingGroups(targets: Targets, place: AccountPlace): Allowance[] {
  const vpcs = vpcsOf(targets, place);
  const balancers = regionsOf(targets).flatMap((region) =>
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

/** Where their groups are made; `vpc/*` of a target that names none. */
const vpcsOf = (targets: Targets, place: AccountPlace): string[] =>
  unique(targets.map(({ region, vpcId }) => arnOf(place, 'ec2', region, `vpc/${vpcId ?? '*'}`)));

const allNamed = (arns: readonly string[]): boolean => arns.every((arn) => !arn.endsWith('*'));

const groupsOf = ({ region, groups }: IpRangesTarget, place: AccountPlace): string[] =>
  (groups ?? []).map((id) => arnOf(place, 'ec2', region, `security-group/${id}`));
