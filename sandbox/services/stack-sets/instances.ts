/**
 * The stacks of a service-managed StackSet: in the active accounts of its units, never in the management account.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
 */

import { deleteStack, deployTemplate } from '../../cloudformation/deploy.ts';
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { createRole, iam } from '../iam/index.ts';
import type { RoleRecord } from '../iam/state.ts';
import { iamOf } from '../iam/trust.ts';
import { organizationOf, pathTo } from '../organizations/look-up.ts';
import { sessionOf } from '../sts/assume.ts';
import { type StackSetRecord, stackSets } from './stack-sets.ts';

/**
 * Brings the stacks to where they belong, updates them and removes the others, everywhere or in one account.
 * @throws the first failure of an account, which ends the operation
 */
export async function settleInstances(kernel: Kernel, set: StackSetRecord, only?: string): Promise<void> {
  const reached = accountsOf(kernel, set);
  for (const [key, stackName] of set.instances) {
    const place = placeOf(kernel, key);
    const stays = reached.includes(place.account) && set.regions.includes(place.region);
    if (stays || (only && place.account !== only)) continue;
    if (!set.retain) await deleteStack(kernel, place, stackName, executionSession(kernel, place));
    set.instances.delete(key);
  }
  for (const account of reached.filter((each) => !only || each === only))
    for (const region of set.regions) {
      const key = `${account} ${region}`;
      const place = placeOf(kernel, key);
      const stackName = set.instances.get(key) ?? `StackSet-${set.name}-${kernel.uuid()}`;
      set.instances.set(key, stackName);
      const as = executionSession(kernel, place);
      await deployTemplate(kernel, place, stackName, JSON.parse(set.template), { as });
    }
}

/** What StackSets with automatic deployment do some time after an account has joined, moved or left a unit. */
export function deployAutomatically(kernel: Kernel, account: string): void {
  const { sets } = kernel.state(stackSets, { partition: kernel.partition, account: '', region: '' });
  for (const set of sets.values())
    if (set.automatic)
      kernel.background(`The deployment of ${set.name} to ${account}`, () => settleInstances(kernel, set, account));
}

function accountsOf(kernel: Kernel, { units }: StackSetRecord): string[] {
  const organization = organizationOf(kernel);
  return [...organization.accounts.values()]
    .filter(({ id, status }) => status === 'ACTIVE' && id !== organization.organization?.managementAccount)
    .map(({ id }) => id)
    .filter((id) => pathTo(organization, id).some((holder) => units.includes(holder)));
}

function placeOf(kernel: Kernel, key: string): AwsPlace {
  const [account, region] = key.split(' ') as [string, string];
  return { partition: kernel.partition, account, region };
}

const ADMIN = 'AWSServiceRoleForCloudFormationStackSetsOrgAdmin';
const ADMIN_PATH = '/aws-service-role/stacksets.cloudformation.amazonaws.com/';

/** A session of the role by which StackSets work in an account. The role is made when it is not there. */
function executionSession(kernel: Kernel, { account }: AwsPlace): Principal {
  const known = iamOf(kernel, account)
    .roles.values()
    .find(({ name }) => name.startsWith('stacksets-exec-'));
  return sessionOf(kernel, known ?? executionRole(kernel, account), 'StackSets');
}

/** Trusted by the service-linked role of the management account alone, which does not let anybody else in. */
function executionRole(kernel: Kernel, account: string): RoleRecord {
  const { managementAccount } = organizationOf(kernel).organization!;
  const admin =
    iamOf(kernel, managementAccount).roles.get(ADMIN) ??
    roleFor(kernel, managementAccount, ADMIN, ADMIN_PATH, { Service: 'stacksets.cloudformation.amazonaws.com' });
  const made = roleFor(kernel, account, kernel.id('stacksets-exec-', 32), '/', { AWS: admin.arn });
  made.attached.push(`arn:${kernel.partition}:iam::aws:policy/AdministratorAccess`);
  return made;
}

/** Made by a service-linked role, which no service control policy binds: nobody is asked. */
function roleFor(kernel: Kernel, account: string, RoleName: string, Path: string, Principal: object): RoleRecord {
  const place: AwsPlace = { partition: kernel.partition, account, region: 'us-east-1' };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  });
  const principal = { kind: 'service' as const, service: 'stacksets.cloudformation.amazonaws.com', account };
  const at = { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(iam, place) };
  return createRole({ RoleName, Path, AssumeRolePolicyDocument }, at);
}
