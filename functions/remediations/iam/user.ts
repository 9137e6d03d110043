/** Reads the IAM user that a finding is about. */
import { GetUserCommand, type IAMClient, type User } from '@aws-sdk/client-iam';
import type { ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import type { IamUser } from './user-target.ts';

export { type IamUser, iamUser, USER_ARN } from './user-target.ts';

export const userName = ({ user }: IamUser): string => user.slice(user.lastIndexOf('/') + 1);

/**
 * Reads the user by name, and checks its unique id, because the name may belong to another user by now. IAM never
 * reuses a unique id. Returns undefined if the user is gone.
 */
export async function readUser(iam: IAMClient, target: IamUser): Promise<User | undefined> {
  const found = await ifExists(iam.send(new GetUserCommand({ UserName: userName(target) })));
  return found?.User?.UserId === target.userId ? found.User : undefined;
}

export async function userTags(iam: IAMClient, target: IamUser): Promise<ResourceTags> {
  const user = await readUser(iam, target);
  return Object.fromEntries((user?.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));
}

/** Returns IAM's answer, or undefined if the entity does not exist. */
export const ifExists = <T>(answer: Promise<T>): Promise<T | undefined> => orUndefined(answer, 'NoSuchEntityException');
