/** The IAM user that a finding is about. */
import { GetUserCommand, type IAMClient, type User } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';
import { FindingResource, type ResourceTags } from '../../contract/remediation.ts';

/** `user` is path and name as the user's ARN has them, `division/team/jo`: IAM decides calls by that ARN. */
export type IamUser = { readonly userId: string; readonly user: string };

/** ARN of the user, to be filled in. */
export const USER = 'arn:{partition}:iam::{account}:user/{user}';

const ID = /^arn:[^:]+:iam::\d{12}:user\/(.+)$/;
/** What can be named in a session policy; a path may hold other characters too, and is then refused. */
const Details = z.object({
  UserId: z.string().regex(/^AIDA[A-Z0-9]{12,124}$/),
  UserName: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  Path: z.string().regex(/^\/([\w+=,.@/-]+\/)?$/),
});

/** Findings name a user by its unique id, `user/AIDA…`, or by path and name; the Details say both. */
export const iamUser: z.ZodType<IamUser, FindingResource> = FindingResource.transform((resource, context) => {
  const named = resource.Type === 'AwsIamUser' ? ID.exec(resource.Id)?.[1] : undefined;
  const details = Details.safeParse(resource.Details?.AwsIamUser).data;
  const user = details && `${details.Path}${details.UserName}`.slice(1);
  if (details && user && (named === details.UserId || named === user)) return { userId: details.UserId, user };
  const message =
    `${resource.Type} "${resource.Id}" is not AwsIamUser "${USER}", or one named by its unique id, ` +
    'with Details of the same UserId, UserName and Path';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

export const nameOf = ({ user }: IamUser): string => user.slice(user.lastIndexOf('/') + 1);

/**
 * The user as it is now. Undefined where nobody has the name, and where somebody else has it by now: a finding is no
 * proof of whose name it is, and IAM never gives a unique id twice.
 */
export async function liveUser(iam: IAMClient, target: IamUser): Promise<User | undefined> {
  const found = await unlessMissing(iam.send(new GetUserCommand({ UserName: nameOf(target) })));
  return found?.User?.UserId === target.userId ? found.User : undefined;
}

/** The tags of the user; GetUser brings them along. */
export async function userTags(iam: IAMClient, target: IamUser): Promise<ResourceTags> {
  const user = await liveUser(iam, target);
  return Object.fromEntries((user?.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));
}

/** What IAM answers; undefined where there is no such thing. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, 'NoSuchEntityException')) return undefined;
    throw error;
  }
}
