/** The updater's permissions on prefix lists that it created, and on sharing them within the organization. */
import { type IpRangesTarget, ownTag } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';
import { type AccountPlace, arnOf, inRegions, quotas, regionsOf, tagging, targetNames } from './resources.ts';

type Targets = readonly IpRangesTarget[];

export function listAllowances(targets: Targets, place: AccountPlace): Allowance[] {
  const names = targetNames(targets);
  const lists = inRegions(targets, place, 'prefix-list/*');
  const isQuota = targets.some(({ rulesPerGroup }) => rulesPerGroup === 'quota');
  const shared = targets.filter(({ shareWith }) => shareWith);
  return [
    {
      actions: ['ec2:DescribeManagedPrefixLists', 'ec2:DescribeSecurityGroupRules', 'ec2:DescribeSecurityGroups'],
      on: '*',
      when: { StringEquals: { 'aws:RequestedRegion': regionsOf(targets) } },
      because: 'EC2 takes no resource for describing',
    },
    ...(isQuota ? [quotas(targets, place)] : []),
    {
      actions: ['ec2:CreateManagedPrefixList'],
      on: lists,
      when: { StringEquals: { [`aws:RequestTag/${ownTag(place)}`]: names } },
      because: 'A new list has no id yet; it has the name of its target',
    },
    {
      actions: ['ec2:GetManagedPrefixListEntries', 'ec2:ModifyManagedPrefixList'],
      on: lists,
      when: { StringEquals: { [`aws:ResourceTag/${ownTag(place)}`]: names } },
      because: "Lists that have a target's name; AWS chooses their ids",
    },
    {
      actions: ['ec2:DeleteManagedPrefixList', 'ec2:GetManagedPrefixListEntries'],
      on: lists,
      when: { Null: { [`aws:ResourceTag/${ownTag(place)}`]: 'false' } },
      because: 'Lists that it created, also for a target that is not configured any more',
    },
    tagging(place, lists, ['CreateManagedPrefixList']),
    {
      actions: ['ram:GetResourceShares'],
      on: '*',
      because: 'Resource Access Manager takes no resource for listing shares',
    },
    {
      actions: ['ram:DeleteResourceShare'],
      on: shares(targets, place),
      when: { Null: { [`aws:ResourceTag/${ownTag(place)}`]: 'false' } },
      because: 'Shares that it created, also for a target that is not configured any more',
    },
    ...(shared.length > 0 ? sharing(shared, place) : []),
  ];
}

const shares = (targets: Targets, place: AccountPlace): string[] =>
  regionsOf(targets).map((region) => arnOf(place, 'ram', region, 'resource-share/*'));

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html */
function sharing(targets: Targets, place: AccountPlace): Allowance[] {
  const names = targetNames(targets);
  const lists = { 'ram:RequestedResourceType': 'ec2:PrefixList' };
  return [
    {
      actions: ['ram:GetResourceShareAssociations'],
      on: '*',
      because: 'Resource Access Manager takes no resource for listing who has a share',
    },
    {
      actions: ['ram:CreateResourceShare'],
      on: '*',
      when: {
        StringEquals: { ...lists, [`aws:RequestTag/${ownTag(place)}`]: names },
        Bool: { 'ram:RequestedAllowsExternalPrincipals': 'false' },
      },
      because: 'A new share has no id yet; it holds prefix lists alone, and stays in the organization',
    },
    {
      actions: ['ram:AssociateResourceShare'],
      on: shares(targets, place),
      when: { StringEquals: { ...lists, [`aws:ResourceTag/${ownTag(place)}`]: names } },
      because: "Shares that have a target's name; AWS chooses their ids",
    },
  ];
}
