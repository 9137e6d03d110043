import type { Kernel, NamedPolicy } from '../../kernel/kernel.ts';
import { ORGANIZATIONS, type OrganizationState } from './state.ts';

export const organizationState = (kernel: Kernel): OrganizationState =>
  kernel.state(ORGANIZATIONS, { partition: kernel.partition, account: '', region: 'us-east-1' });

export const isOrganizationMember = (kernel: Kernel, account: string): boolean =>
  organizationState(kernel).accounts.has(account);

export function idsFromRoot(state: OrganizationState, target: string): string[] {
  const parent = state.accounts.get(target)?.parent ?? state.units.get(target)?.parent;
  return parent === undefined ? [target] : [...idsFromRoot(state, parent), target];
}

/**
 * Returns the policies by level from the root down. None apply to the management account and to accounts outside the
 * organization.
 */
export function scpsByLevel(kernel: Kernel, account: string): readonly (readonly NamedPolicy[])[] {
  const state = organizationState(kernel);
  if (!state.accounts.has(account) || state.organization?.managementAccount === account) return [];
  return idsFromRoot(state, account).map((target) =>
    (state.attached.get(target) ?? []).map((id) => {
      const { name, document } = state.policies.get(id)!;
      return { name, document };
    }),
  );
}

/** Returns the organization and the account's path in it, the value of aws:PrincipalOrgPaths: `o-…/r-…/ou-…/`. */
export function organizationPath(kernel: Kernel, account: string): { id: string; path: string } | undefined {
  const state = organizationState(kernel);
  if (!state.organization || !state.accounts.has(account)) return undefined;
  const { id } = state.organization;
  return { id, path: `${[id, ...idsFromRoot(state, account).slice(0, -1)].join('/')}/` };
}
