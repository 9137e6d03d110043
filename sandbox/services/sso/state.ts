import type { At, Kernel, StateKey } from '../../kernel/kernel.ts';

export type PermissionSet = {
  readonly arn: string;
  readonly name: string;
  readonly instance: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Paths and names of policies in the account of an assignment. */
  policies: readonly string[];
  /** Names of the roles by account. */
  readonly roles: Map<string, string>;
};
export type SsoState = { readonly sets: Map<string, PermissionSet> };
export type SsoAt = At<SsoState>;

/** One state holds all instances of the organization. */
export const SSO: StateKey<SsoState> = { name: 'sso', scope: 'partition', state: () => ({ sets: new Map() }) };

/** Returns the name of a permission set's role in an account; undefined without an assignment there. */
export function roleOfPermissionSet(kernel: Kernel, name: string, account: string): string | undefined {
  const { sets } = kernel.state(SSO, { partition: kernel.partition, account: '', region: '' });
  return sets
    .values()
    .find((set) => set.name === name)
    ?.roles.get(account);
}
