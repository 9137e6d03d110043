/** Reads the version mark of a member role, in a session of the role itself. */
import { IAMClient, ListRoleTagsCommand } from '@aws-sdk/client-iam';
import type { MemberCredentials } from './member-session.ts';

/** Returns the role's tags. One page has all: a role has at most 50 tags, and a page 100. */
export async function readRoleTags(credentials: MemberCredentials, roleName: string): Promise<Record<string, string>> {
  const { Tags = [] } = await new IAMClient({ maxAttempts: 3, credentials }).send(
    new ListRoleTagsCommand({ RoleName: roleName }),
  );
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!]));
}
