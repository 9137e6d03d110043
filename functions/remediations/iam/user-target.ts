/** The IAM user that a finding is about, without a client: triage parses it too. */
import * as z from 'zod';
import { FindingResource, identifiedBy } from '../../contract/remediation.ts';

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
  if (named === undefined)
    return 'is not AwsIamUser: its Type must be AwsIamUser, and its Id such as arn:aws:iam::111122223333:user/ann';
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
