import type { At, Kernel, StateKey } from '../../kernel/kernel.ts';
import { idsFromRoot, organizationState } from '../organizations/look-up.ts';

export type ResourceShare = {
  readonly arn: string;
  readonly name: string;
  readonly owner: string;
  readonly region: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly resources: readonly string[];
  readonly principals: readonly string[];
};

export type RamState = { readonly shares: Map<string, ResourceShare> };
export type RamAt = At<RamState>;

export const RAM: StateKey<RamState> = { name: 'ram', scope: 'partition', state: () => ({ shares: new Map() }) };

/** Returns the owners, by ARN, of the resources that others share with this account in this Region. */
export function sharedResourceOwners(kernel: Kernel, account: string, region: string): Map<string, string> {
  const shares = [...ramState(kernel).shares.values()].filter(
    (share) => share.region === region && share.owner !== account && reaches(kernel, share, account),
  );
  return new Map(shares.flatMap(({ resources, owner }) => resources.map((resource) => [resource, owner] as const)));
}

export const accountsWithAccess = (kernel: Kernel, resource: string): string[] =>
  [...organizationState(kernel).accounts.keys()].filter((account) =>
    [...ramState(kernel).shares.values()].some(
      (share) => share.owner !== account && share.resources.includes(resource) && reaches(kernel, share, account),
    ),
  );

/** A share reaches an account directly, by one of its units, or by its organization. */
export function reaches(kernel: Kernel, { principals }: ResourceShare, account: string): boolean {
  const state = organizationState(kernel);
  const ids = new Set(idsFromRoot(state, account));
  return principals.some(
    (principal) =>
      principal === account ||
      principal.split(':organization/')[1] === state.organization?.id ||
      ids.has(principal.split('/').at(-1)!),
  );
}

const ramState = (kernel: Kernel): RamState =>
  kernel.state(RAM, { partition: kernel.partition, account: '', region: 'us-east-1' });
