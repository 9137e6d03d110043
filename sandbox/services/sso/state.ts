import type { At, Kernel, StateKey } from '../../kernel/kernel.ts';

export type PermissionSet = {
  readonly arn: string;
  readonly name: string;
  readonly instance: string;
  readonly tags: Readonly<Record<string, string>>;
  policies: readonly string[];
  readonly roles: Map<string, string>;
  /** One text for each assignment, of its account and its user or group. */
  readonly assignments: Set<string>;
};
export type SsoState = { readonly sets: Map<string, PermissionSet> };
export type SsoAt = At<SsoState>;

/** All instances of the organization share one state. */
export const SSO: StateKey<SsoState> = { name: 'sso', scope: 'partition', state: () => ({ sets: new Map() }) };

export function roleOfPermissionSet(kernel: Kernel, name: string, account: string): string | undefined {
  const { sets } = kernel.state(SSO, { partition: kernel.partition, account: '', region: '' });
  return sets
    .values()
    .find((set) => set.name === name)
    ?.roles.get(account);
}
