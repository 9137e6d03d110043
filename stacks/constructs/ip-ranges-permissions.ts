/** What the updater of security groups may do in one account: nothing beyond its targets, as far as IAM can say so. */
import type { IpRangesTarget } from '../../functions/contract/ip-ranges.ts';
import { groupAllowances } from './ip-ranges-group-permissions.ts';
import { listAllowances } from './ip-ranges-list-permissions.ts';
import type { AccountPlace } from './ip-ranges-resources.ts';
import type { Allowance } from './role.ts';

/** For the targets of this account. */
export function ipRangesAllowances(targets: readonly IpRangesTarget[], place: AccountPlace): Allowance[] {
  const { 'prefix-list': lists = [], 'security-groups': groups = [] } = Object.groupBy(targets, ({ mode }) => mode);
  return [
    ...(lists.length > 0 ? listAllowances(lists, place) : []),
    ...(groups.length > 0 ? groupAllowances(groups, place) : []),
  ];
}
