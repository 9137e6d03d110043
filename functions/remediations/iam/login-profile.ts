/** A user's console password: IAM's login profile. It can be made and deleted, not switched off. */
import { DeleteLoginProfileCommand, GetLoginProfileCommand, type IAMClient } from '@aws-sdk/client-iam';
import { unlessMissing } from './user.ts';

/** When the password was made; undefined where the user has none. */
export async function passwordMade(iam: IAMClient, UserName: string): Promise<Date | undefined> {
  const found = await unlessMissing(iam.send(new GetLoginProfileCommand({ UserName })));
  return found?.LoginProfile?.CreateDate;
}

/** Bears repetition: what another run deleted is gone. */
export async function deletePassword(iam: IAMClient, UserName: string): Promise<void> {
  await unlessMissing(iam.send(new DeleteLoginProfileCommand({ UserName })));
}
