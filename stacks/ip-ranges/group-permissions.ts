/**
 * The updater's permissions on security groups: those that it created, those with the prefix, and those that a target
 * names.
 */
import { type IpRangesTarget, ownTag, PREFIX_TAG } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';
import { type AccountPlace, arnOf, inRegions, quotas, regionsOf, tagging, targetNames, unique } from './resources.ts';

type Targets = readonly IpRangesTarget[];

/**
 * Returns the permissions for targets in security group mode, at least one.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
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
  quotas(targets, place),
  ...changingRules(targets, place),
  ...makingGroups(targets, place),
  ...attachingGroups(targets, place),
];

const CHANGE_RULES = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'];

function changingRules(targets: Targets, place: AccountPlace): Allowance[] {
  const names = targetNames(targets);
  const groups = inRegions(targets, place, 'security-group/*');
  const namedGroups = unique(targets.flatMap((target) => groupsOf(target, place)));
  const prefixes = unique(targets.filter((target) => !target.groups).map(({ prefixName }) => prefixName));
  const byPrefix: Allowance = {
    actions: CHANGE_RULES,
    on: groups,
    when: { StringEquals: { [`aws:ResourceTag/${PREFIX_TAG}`]: prefixes } },
    because: 'Groups that somebody marked with the prefix, whatever their ids',
  };
  return [
    ...(prefixes.length > 0 ? [byPrefix] : []),
    ...(namedGroups.length > 0 ? [{ actions: CHANGE_RULES, on: namedGroups }] : []),
    {
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'],
      on: groups,
      when: { StringEquals: { [`aws:ResourceTag/${ownTag(place)}`]: names } },
      because: "Groups that it created, which have a target's name",
    },
    {
      actions: ['ec2:RevokeSecurityGroupIngress', 'ec2:DeleteSecurityGroup'],
      on: groups,
      when: { Null: { [`aws:ResourceTag/${ownTag(place)}`]: 'false' } },
      because: 'Groups that it created, also for a target that is not configured any more',
    },
    {
      actions: ['ec2:CreateTags'],
      on: inRegions(targets, place, 'security-group-rule/*'),
      when: {
        StringEquals: { [`aws:RequestTag/${ownTag(place)}`]: names },
        'ForAllValues:StringEquals': { 'aws:TagKeys': [ownTag(place)] },
      },
      because: "Rules that AWS's sample or a former target left, when a person adopts them",
    },
    {
      actions: ['ec2:AuthorizeSecurityGroupIngress'],
      on: inRegions(targets, place, 'security-group-rule/*'),
      when: { StringEquals: { [`aws:RequestTag/${ownTag(place)}`]: names } },
      because: 'New rules have no ids yet; they have the name of their target',
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
      when: { StringEquals: { [`aws:RequestTag/${ownTag(place)}`]: targetNames(targets) } },
      because: 'A new group has no id yet; it has the name of its target',
    },
    {
      actions: ['ec2:CreateSecurityGroup'],
      on: vpcs,
      ...(!allNamed(vpcs) && {
        because: 'Where a target names no VPC, only its account knows in which one its groups lie',
      }),
    },
    tagging(place, [...groups, ...rules], ['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress']),
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
      because: 'Each resource that has the groups gets the next one too, and keeps its other groups',
    },
    {
      actions: ['elasticloadbalancing:SetSecurityGroups'],
      on: balancers,
      because: 'Load balancers that have the groups get the next one too, whatever their names',
    },
  ];
}

/** Returns the VPCs in which the updater may create groups; `vpc/*` for a target without a VPC. */
const vpcsOf = (targets: Targets, place: AccountPlace): string[] =>
  unique(targets.map(({ region, vpcId }) => arnOf(place, 'ec2', region, `vpc/${vpcId ?? '*'}`)));

const allNamed = (arns: readonly string[]): boolean => arns.every((arn) => !arn.endsWith('*'));

const groupsOf = ({ region, groups }: IpRangesTarget, place: AccountPlace): string[] =>
  (groups ?? []).map((id) => arnOf(place, 'ec2', region, `security-group/${id}`));
