/** A user's console password: IAM's login profile. It can be created and deleted, but not disabled. */
import { DeleteLoginProfileCommand, GetLoginProfileCommand, type IAMClient } from '@aws-sdk/client-iam';
import { ifExists } from './user.ts';

/** Returns undefined if the user has no password. */
export async function passwordCreatedAt(iam: IAMClient, UserName: string): Promise<Date | undefined> {
  const found = await ifExists(iam.send(new GetLoginProfileCommand({ UserName })));
  return found?.LoginProfile?.CreateDate;
}

/** Idempotent. */
export async function deletePassword(iam: IAMClient, UserName: string): Promise<void> {
  await ifExists(iam.send(new DeleteLoginProfileCommand({ UserName })));
}
