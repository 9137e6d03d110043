/** Prefix lists of other accounts that are shared with this one: named in rules and read, never changed. */

import { sharedWith, sharers } from '../ram/index.ts';
import { ec2 } from './index.ts';
import { arnOf } from './needs.ts';
import type { Ec2, PrefixList } from './state.ts';

/** A list that this account may name, with its owner. */
export type NamedList = PrefixList & { readonly owner: string };

export const ownLists = (at: Ec2): NamedList[] =>
  [...at.state.prefixLists.values()].map((list) => ({ ...list, owner: at.account }));

export function sharedLists(at: Ec2): NamedList[] {
  return [...sharedWith(at.kernel, at.account, at.region)].flatMap(([arn, owner]) => {
    const list = stateOf(owner, at).prefixLists.get(arn.split('/').at(-1)!);
    return list ? [{ ...list, owner }] : [];
  });
}

/** A list by its id, own or shared. */
export function listNamed(id: string, at: Ec2): NamedList | undefined {
  const own = at.state.prefixLists.get(id);
  return own ? { ...own, owner: at.account } : sharedLists(at).find((list) => list.id === id);
}

/** EC2 as the accounts see it that may name a list of this one. */
export const elsewhere = (list: PrefixList, at: Ec2): Ec2[] =>
  sharers(at.kernel, arnOf(at, 'prefix-list', list.id)).map((account) => ({
    ...at,
    account,
    state: stateOf(account, at),
  }));

const stateOf = (account: string, at: Ec2) => at.kernel.state(ec2, { ...at, account });
