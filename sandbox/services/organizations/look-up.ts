/** What IAM and other services ask about the organization. */
import type { NamedPolicy } from '../../authorization/evaluate.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { organizations } from './index.ts';
import type { OrganizationState } from './state.ts';

/** The organization's state, whichever account asks. */
export const organizationOf = (kernel: Kernel): OrganizationState =>
  kernel.state(organizations, { partition: kernel.partition, account: '', region: 'us-east-1' });

export const isMember = (kernel: Kernel, account: string): boolean => organizationOf(kernel).accounts.has(account);

/** Ids from the root down to the target itself: `[r-…, ou-…, account]`. */
export function pathTo(state: OrganizationState, target: string): string[] {
  const parent = state.accounts.get(target)?.parent ?? state.units.get(target)?.parent;
  return parent === undefined ? [target] : [...pathTo(state, parent), target];
}

/**
 * Service control policies over an account, level by level from the root down; none over the management account and
 * outside the organization.
 */
export function scpsOf(kernel: Kernel, account: string): readonly (readonly NamedPolicy[])[] {
  const state = organizationOf(kernel);
  if (!state.accounts.has(account) || state.organization?.managementAccount === account) return [];
  return pathTo(state, account).map((target) =>
    (state.attached.get(target) ?? []).map((id) => {
      const { name, document } = state.policies.get(id)!;
      return { name, document };
    }),
  );
}

/** The value of aws:PrincipalOrgPaths and its like: `o-…/r-…/ou-…/`. */
export function organizationPath(kernel: Kernel, account: string): string | undefined {
  const state = organizationOf(kernel);
  if (!state.organization || !state.accounts.has(account)) return undefined;
  return `${[state.organization.id, ...pathTo(state, account).slice(0, -1)].join('/')}/`;
}
