/** An account can reference and read prefix lists that others share with it, not change them. */
import { accountsWithAccess, sharedResourceOwners } from '../ram/state.ts';
import { ec2Arn } from './needs.ts';
import { EC2, type Ec2At, type ManagedPrefixList } from './state.ts';

export type PrefixListWithOwner = ManagedPrefixList & { readonly owner: string };

export const ownPrefixLists = (at: Ec2At): PrefixListWithOwner[] =>
  [...at.state.prefixLists.values()].map((list) => ({ ...list, owner: at.account }));

export function sharedPrefixLists(at: Ec2At): PrefixListWithOwner[] {
  return [...sharedResourceOwners(at.kernel, at.account, at.region)].flatMap(([arn, owner]) => {
    const list = stateOf(owner, at).prefixLists.get(arn.split('/').at(-1)!);
    return list ? [{ ...list, owner }] : [];
  });
}

export function findPrefixList(id: string, at: Ec2At): PrefixListWithOwner | undefined {
  const ownList = at.state.prefixLists.get(id);
  return ownList ? { ...ownList, owner: at.account } : sharedPrefixLists(at).find((list) => list.id === id);
}

export const atAccountsWithAccess = (list: ManagedPrefixList, at: Ec2At): Ec2At[] =>
  accountsWithAccess(at.kernel, ec2Arn(at, 'prefix-list', list.id)).map((account) => ({
    ...at,
    account,
    state: stateOf(account, at),
  }));

const stateOf = (account: string, at: Ec2At) => at.kernel.state(EC2, { ...at, account });
