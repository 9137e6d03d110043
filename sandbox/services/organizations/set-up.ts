import { type IamPolicy, parseIamPolicy } from '../../authorization/policy.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { organizationState } from './look-up.ts';
import { announceMove } from './moves.ts';
import { FULL_ACCESS_POLICY_ID, type OrganizationState } from './state.ts';

export type AccountOptions = {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly status?: 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE';
  /** Unit names from the root down, `Workloads/Production`; missing units are created. Default: the root. */
  readonly ouPath?: string;
  readonly tags?: Readonly<Record<string, string>>;
};

export type OrganizationOptions = {
  readonly id: string;
  readonly managementAccount: string;
  readonly accounts: readonly AccountOptions[];
  readonly rootId?: string | undefined;
  /** Ids by path; other units get generated ids. */
  readonly unitIds?: Readonly<Record<string, string>>;
  readonly delegatedAdministrators?: Readonly<Record<string, readonly string[]>>;
  readonly trustedServices?: readonly string[];
  readonly scps?: readonly { readonly target: string; readonly document: IamPolicy; readonly name?: string }[];
};

/** @throws Error if the management account is not among the accounts */
export function setUpOrganization(kernel: Kernel, options: OrganizationOptions): void {
  if (!options.accounts.some(({ id }) => id === options.managementAccount))
    throw new Error(`The management account ${options.managementAccount} is not among the organization's accounts`);
  const state = organizationState(kernel);
  const { id, managementAccount } = options;
  const arns = organizationArns(kernel, id, managementAccount);
  const root = options.rootId ?? kernel.id('r-', 4);
  state.organization = { id, arn: arns('organization', ''), managementAccount, root };
  state.policies.set(FULL_ACCESS_POLICY_ID, {
    id: FULL_ACCESS_POLICY_ID,
    arn: `arn:${kernel.partition}:organizations::aws:policy/service_control_policy/${FULL_ACCESS_POLICY_ID}`,
    name: 'FullAWSAccess',
    document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  });
  state.attached.set(root, [FULL_ACCESS_POLICY_ID]);

  for (const [path, unitId] of Object.entries(options.unitIds ?? {})) unitAt(kernel, state, path, unitId);
  for (const account of options.accounts) addAccount(kernel, state, account);
  for (const [service, accounts] of Object.entries(options.delegatedAdministrators ?? {})) {
    const since = new Date(kernel.clock.now());
    state.delegated.set(service, new Map(accounts.map((account) => [account, since])));
  }
  for (const service of options.trustedServices ?? []) state.trusted.add(service);
  for (const { target, document, name } of options.scps ?? []) attachScp(kernel, target, document, name);
}

/** Adds an account that accepted an invitation. Default: at the root, as on AWS. */
export function joinOrganization(kernel: Kernel, account: AccountOptions): void {
  addAccount(kernel, organizationState(kernel), account);
  announceMove(kernel, account.id);
}

function addAccount(kernel: Kernel, state: OrganizationState, account: AccountOptions): void {
  const { id: organization, managementAccount } = state.organization!;
  state.accounts.set(account.id, {
    id: account.id,
    arn: organizationArns(kernel, organization, managementAccount)('account', `/${account.id}`),
    name: account.name,
    email: account.email ?? `${account.id}@example.com`,
    status: account.status ?? 'ACTIVE',
    parent: unitAt(kernel, state, account.ouPath ?? ''),
    joinedAt: new Date(kernel.clock.now()),
    tags: new Map(Object.entries(account.tags ?? {})),
  });
  state.attached.set(account.id, [FULL_ACCESS_POLICY_ID]);
}

/**
 * Attaches a new policy.
 * @param target an account's id, a unit's id or path, or `''` for the root
 * @returns the policy's id
 * @throws AwsError MalformedPolicyDocumentException
 */
export function attachScp(kernel: Kernel, target: string, document: IamPolicy, name?: string): string {
  const state = organizationState(kernel);
  const { id: organization, managementAccount } = state.organization!;
  const id = kernel.id('p-', 8);
  const targetId = state.accounts.has(target) || state.units.has(target) ? target : unitAt(kernel, state, target);
  state.policies.set(id, {
    id,
    arn: organizationArns(kernel, organization, managementAccount)('policy', `/service_control_policy/${id}`),
    name: name ?? id,
    document: parseIamPolicy(document, 'identity', 'MalformedPolicyDocumentException'),
  });
  state.attached.set(targetId, [...(state.attached.get(targetId) ?? []), id]);
  return id;
}

export const organizationArns =
  (kernel: Kernel, organization: string, managementAccount: string) => (type: string, rest: string) =>
    `arn:${kernel.partition}:organizations::${managementAccount}:${type}/${organization}${rest}`;

function unitAt(kernel: Kernel, state: OrganizationState, path: string, newId?: string): string {
  const { id: organization, managementAccount, root } = state.organization!;
  let parent = root;
  const names = path.split('/').filter((part) => part !== '');
  for (const [depth, name] of names.entries()) {
    const existing = state.units.values().find((unit) => unit.parent === parent && unit.name === name);
    const pinnedId = depth === names.length - 1 ? newId : undefined;
    const id = existing?.id ?? pinnedId ?? kernel.id(`ou-${root.slice(2)}-`, 8);
    if (!existing) {
      const arn = organizationArns(kernel, organization, managementAccount)('ou', `/${id}`);
      state.units.set(id, { id, arn, name, parent });
      state.attached.set(id, [FULL_ACCESS_POLICY_ID]);
    }
    parent = id;
  }
  return parent;
}
