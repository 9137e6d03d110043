/** The IAM user that a finding is about. */
import { GetUserCommand, type IAMClient, type User } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { FindingResource, identifiedBy, type ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';

/** `user` is path and name as in the user's ARN, `division/team/jo`, because IAM authorizes calls by that ARN. */
export type IamUser = { readonly userId: string; readonly user: string };

export const USER_ARN = 'arn:{partition}:iam::{account}:user/{user}';

const ID = /^arn:[^:]+:iam::\d{12}:user\/(.+)$/;
/** Characters that a session policy can name. A path with other characters is rejected. */
const Details = z.object({
  UserId: z.string().regex(/^AIDA[A-Z0-9]{12,124}$/),
  UserName: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  Path: z.string().regex(/^\/([\w+=,.@/-]+\/)?$/),
});

/** Findings name a user by its unique id, `user/AIDA…`, or by path and name. The Details have both. */
export const iamUser: z.ZodType<IamUser, FindingResource> = identifiedBy(
  USER_ARN,
  FindingResource.transform((resource, context) => {
    const named = resource.Type === 'AwsIamUser' ? ID.exec(resource.Id)?.[1] : undefined;
    const details = Details.safeParse(resource.Details?.AwsIamUser).data;
    const user = details && `${details.Path}${details.UserName}`.slice(1);
    if (details && user && (named === details.UserId || named === user)) return { userId: details.UserId, user };
    const message =
      `${resource.Type} "${resource.Id}" is not AwsIamUser "${USER_ARN}", or one named by its unique id, ` +
      'with Details of the same UserId, UserName and Path';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }),
);

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
