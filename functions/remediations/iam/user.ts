/** The IAM user that a finding is about. */
import { GetUserCommand, type IAMClient, type User } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { FindingResource, identifiedBy, type ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';

/** `user` is path and name as in the user's ARN, `division/team/jo`, because IAM authorizes calls by that ARN. */
export type IamUser = { readonly userId: string; readonly user: string };

export const USER_ARN = 'arn:{partition}:iam::{account}:user/{user}';

const ID = /^arn:[^:]+:iam::\d{12}:user\/(.+)$/;
const Details = z.object({ UserId: z.string(), UserName: z.string(), Path: z.string() });
type Details = z.infer<typeof Details>;

/** Findings name a user by its unique id, `user/AIDA…`, or by path and name. The Details have both. */
export const iamUser: z.ZodType<IamUser, FindingResource> = identifiedBy(
  USER_ARN,
  FindingResource.transform(({ Type, Id, Details: all }, context) => {
    const named = Type === 'AwsIamUser' ? ID.exec(Id)?.[1] : undefined;
    const details = Details.safeParse(all?.AwsIamUser).data;
    const problem = problemIn(named, details);
    if (details && problem === undefined) return { userId: details.UserId, user: pathAndName(details) };
    context.addIssue({ code: 'custom', message: `${Type} "${Id}" ${problem}` });
    return z.NEVER;
  }),
);

const pathAndName = ({ Path, UserName }: Details) => `${Path}${UserName}`.slice(1);

function problemIn(named: string | undefined, details: Details | undefined): string | undefined {
  if (named === undefined) return `is not AwsIamUser "${USER_ARN}"`;
  if (!details) return 'cannot be looked up: Details are missing (UserId, UserName and Path of Details.AwsIamUser)';
  if (!/^AIDA[A-Z0-9]{12,124}$/.test(details.UserId))
    return `has Details of ${details.UserId}, which is not a user's id`;
  if (!/^[\w+=,.@-]{1,64}$/.test(details.UserName)) return 'has a UserName in Details that IAM does not allow';
  // IAM allows all printable ASCII in a path. A policy would take some of it for wildcards or variables.
  if (!/^\/([\w+=,.@/-]+\/)?$/.test(details.Path))
    return 'has a path with characters that Suture does not put into a session policy, though IAM allows them';
  if (named === details.UserId || named === pathAndName(details)) return undefined;
  return `has Details of another user: ${details.UserId}, ${pathAndName(details)}`;
}

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
