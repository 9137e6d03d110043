/** The updater's permissions in one account, limited to its targets as far as IAM can express it. */
import type { IpRangesTarget } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';
import { groupAllowances } from './group-permissions.ts';
import { listAllowances } from './list-permissions.ts';
import type { AccountPlace } from './resources.ts';

export function ipRangesAllowances(targets: readonly IpRangesTarget[], place: AccountPlace): Allowance[] {
  const { 'prefix-list': lists = [], 'security-groups': groups = [] } = Object.groupBy(targets, ({ mode }) => mode);
  return [
    ...(lists.length > 0 ? listAllowances(lists, place) : []),
    ...(groups.length > 0 ? groupAllowances(groups, place) : []),
  ];
}
