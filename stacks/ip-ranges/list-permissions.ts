/** What the updater may do with prefix lists: those that it made, and their sharing within the organization. */
import { type IpRangesTarget, OWN_TAG } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';
import { type AccountPlace, arnOf, inRegions, namesOf, regionsOf, tagging } from './resources.ts';

type Targets = readonly IpRangesTarget[];

/** For targets in prefix list mode, one at least. */
export function listAllowances(targets: Targets, place: AccountPlace): Allowance[] {
  const names = namesOf(targets);
  const lists = inRegions(targets, place, 'prefix-list/*');
  const shared = targets.filter(({ shareWith }) => shareWith);
  return [
    {
      actions: ['ec2:DescribeManagedPrefixLists'],
      on: '*',
      when: { StringEquals: { 'aws:RequestedRegion': regionsOf(targets) } },
      because: 'EC2 takes no resource for describing',
    },
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
    ...(shared.length > 0 ? sharing(shared, place) : []),
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html */
function sharing(targets: Targets, place: AccountPlace): Allowance[] {
  const names = namesOf(targets);
  const lists = { 'ram:RequestedResourceType': 'ec2:PrefixList' };
  return [
    {
      actions: ['ram:GetResourceShareAssociations', 'ram:GetResourceShares'],
      on: '*',
      because: 'Resource Access Manager takes no resource for listing shares',
    },
    {
      actions: ['ram:CreateResourceShare'],
      on: '*',
      when: {
        StringEquals: { ...lists, [`aws:RequestTag/${OWN_TAG}`]: names },
        Bool: { 'ram:RequestedAllowsExternalPrincipals': 'false' },
      },
      because: 'A share that is made has no id yet; it holds prefix lists alone, and stays in the organization',
    },
    {
      actions: ['ram:AssociateResourceShare'],
      on: regionsOf(targets).map((region) => arnOf(place, 'ram', region, 'resource-share/*')),
      when: { StringEquals: { ...lists, [`aws:ResourceTag/${OWN_TAG}`]: names } },
      because: "Shares that bear a target's name, which AWS gave their ids",
    },
  ];
}
