import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { callerOf } from '../cli/clients/caller.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import type { AccountConfig } from './account-config.ts';

/**
 * Returns the caller's account.
 * @throws UsageError if the credentials belong to another organization
 */
export async function requireOrganization(id: string, aws: AccountConfig): Promise<string> {
  const { account } = await callerOf(aws);
  const { Organization } = await new OrganizationsClient(aws).send(new DescribeOrganizationCommand({}));
  if (Organization?.Id !== id)
    throw new UsageError(`Nothing was done: the credentials are of organization ${Organization?.Id}, not ${id}.`);
  return account;
}
