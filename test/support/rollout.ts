import { ListParentsCommand, MoveAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import type { RunningOrganization } from '../../lab/organization/organization.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { iamStateOf } from '../../sandbox/services/iam/state.ts';
import { createSession } from '../../sandbox/services/sts/assume.ts';

type Installation = Pick<RunningOrganization, 'sandbox' | 'context'>;

/** Returns settings that sign as StackSets, which alone may change the member role. */
export function stackSetsIn({ sandbox: { kernel, clientSettings } }: Installation, account: string): ClientSettings {
  const role = iamStateOf(kernel, account)
    .roles.values()
    .find(({ name }) => name.startsWith('stacksets-exec-'));
  if (!role) throw new Error(`StackSets have not reached ${account}`);
  return clientSettings(createSession(kernel, role, 'StackSets'));
}

/** Moves an account into the rollout's first unit, or to another parent, and waits until StackSets followed it. */
export async function moveAccount(
  { sandbox, context }: Installation,
  AccountId: string,
  DestinationParentId = context.rollout!.units[0]!,
): Promise<void> {
  const organizations = new OrganizationsClient(sandbox.administrator(context.rollout!.managementAccount));
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: AccountId }));
  const SourceParentId = Parents![0]!.Id;
  await organizations.send(new MoveAccountCommand({ AccountId, SourceParentId, DestinationParentId }));
  await sandbox.settled();
}
