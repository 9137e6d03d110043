/**
 * A service-managed StackSet has stacks in the active accounts of its units, never in the management account.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
 */

import { deleteStack, deployTemplate } from '../../cloudformation/deploy.ts';
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { createRole } from '../iam/roles.ts';
import { IAM, iamStateOf, type RoleRecord } from '../iam/state.ts';
import { idsFromRoot, organizationState } from '../organizations/look-up.ts';
import { createSession } from '../sts/assume.ts';
import { STACK_SETS, type StackSetRecord } from './state.ts';

/** Removes the stacks of accounts that the set no longer reaches, in every account or in one. */
export async function removeInstances(kernel: Kernel, set: StackSetRecord, onlyAccount?: string): Promise<void> {
  const reached = accountsOf(kernel, set);
  for (const [key, { stackName }] of set.instances) {
    const place = placeOf(kernel, key);
    const stays = reached.includes(place.account) && set.regions.includes(place.region);
    if (stays || (onlyAccount && place.account !== onlyAccount)) continue;
    if (!set.retain) await deleteStack(kernel, place, stackName, executionSession(kernel, place));
    set.instances.delete(key);
  }
}

/** Adds an instance without a stack for each account that the set reaches, or for one. Returns the keys of the new ones. */
export function addInstances(kernel: Kernel, set: StackSetRecord, onlyAccount?: string): string[] {
  const accounts = accountsOf(kernel, set).filter((account) => !onlyAccount || account === onlyAccount);
  const keys = accounts.flatMap((account) => set.regions.map((region) => keyOf(account, region)));
  const added = keys.filter((key) => !set.instances.has(key));
  for (const key of added) {
    const stackName = `StackSet-${set.name}-${kernel.uuid()}`;
    set.instances.set(key, { stackName, status: 'OUTDATED', detailed: 'PENDING' });
  }
  return added;
}

/** @throws the error of the stack, which keeps its resources */
export async function deployInstance(kernel: Kernel, set: StackSetRecord, key: string): Promise<void> {
  const instance = set.instances.get(key)!;
  const place = placeOf(kernel, key);
  instance.detailed = 'RUNNING';
  const as = executionSession(kernel, place);
  await deployTemplate(kernel, place, instance.stackName, JSON.parse(set.template), { as });
  set.instances.set(key, { stackName: instance.stackName, status: 'CURRENT', detailed: 'SUCCEEDED' });
}

/** Adds and removes the account's stacks in the background. Operation preferences do not apply. */
export function deployAutomatically(kernel: Kernel, account: string): void {
  const { sets } = kernel.state(STACK_SETS, { partition: kernel.partition, account: '', region: '' });
  for (const set of sets.values())
    if (set.automatic)
      kernel.background(`The deployment of ${set.name} to ${account}`, async () => {
        await removeInstances(kernel, set, account);
        for (const key of addInstances(kernel, set, account)) await deployInstance(kernel, set, key);
      });
}

export const keyOf = (account: string, region: string): string => `${account} ${region}`;

function accountsOf(kernel: Kernel, { units, accounts }: StackSetRecord): string[] {
  const { managementAccount } = organizationState(kernel).organization ?? {};
  return accountsInUnits(kernel, units)
    .filter((id) => id !== managementAccount && isActive(kernel, id))
    .filter((id) => accounts?.includes(id) ?? true);
}

/** Returns the accounts of units and of those below them. */
export function accountsInUnits(kernel: Kernel, units: readonly string[]): string[] {
  const organization = organizationState(kernel);
  return [...organization.accounts.keys()].filter((id) =>
    idsFromRoot(organization, id).some((holder) => units.includes(holder)),
  );
}

/** @param key an account, alone or with its Region */
export const isActive = (kernel: Kernel, key: string): boolean =>
  organizationState(kernel).accounts.get(key.split(' ')[0]!)?.status === 'ACTIVE';

function placeOf(kernel: Kernel, key: string): AwsPlace {
  const [account, region] = key.split(' ') as [string, string];
  return { partition: kernel.partition, account, region };
}

const ADMIN = 'AWSServiceRoleForCloudFormationStackSetsOrgAdmin';
const ADMIN_PATH = '/aws-service-role/stacksets.cloudformation.amazonaws.com/';

function executionSession(kernel: Kernel, { account }: AwsPlace): Principal {
  const existing = iamStateOf(kernel, account)
    .roles.values()
    .find(({ name }) => name.startsWith('stacksets-exec-'));
  return createSession(kernel, existing ?? executionRole(kernel, account), 'StackSets');
}

/** Creates a role that trusts only the management account's service-linked role, which nobody else can assume. */
function executionRole(kernel: Kernel, account: string): RoleRecord {
  const { managementAccount } = organizationState(kernel).organization!;
  const admin =
    iamStateOf(kernel, managementAccount).roles.get(ADMIN) ??
    roleFor(kernel, managementAccount, ADMIN, ADMIN_PATH, { Service: 'stacksets.cloudformation.amazonaws.com' });
  const role = roleFor(kernel, account, kernel.id('stacksets-exec-', 32), '/', { AWS: admin.arn });
  role.attached.push(`arn:${kernel.partition}:iam::aws:policy/AdministratorAccess`);
  return role;
}

/** Creates a role without authorization, because no service control policy applies to a service-linked role. */
function roleFor(kernel: Kernel, account: string, RoleName: string, Path: string, Principal: object): RoleRecord {
  const place: AwsPlace = { partition: kernel.partition, account, region: 'us-east-1' };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  });
  const principal = { kind: 'service' as const, service: 'stacksets.cloudformation.amazonaws.com', account };
  const at = { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(IAM, place) };
  return createRole({ RoleName, Path, AssumeRolePolicyDocument }, at);
}
