/** The user, group or role that a finding is about, without a client: triage parses it too. */
import * as z from 'zod';
import { FindingResource, identifiedBy } from '../../contract/remediation.ts';

/** `identity` is path and name as in the ARN, `division/team/jo`, because IAM authorizes calls by that ARN. */
export type IamIdentity = { readonly kind: 'user' | 'group' | 'role'; readonly identity: string };

export const IDENTITY_ARN = 'arn:{partition}:iam::{account}:{kind}/{identity}';

const KINDS: Readonly<Record<string, IamIdentity['kind']>> = {
  AwsIamUser: 'user',
  AwsIamGroup: 'group',
  AwsIamRole: 'role',
};
const ID = /^arn:[^:]+:iam::\d{12}:(?<kind>user|group|role)\/(?<named>.+)$/;
const UNIQUE_ID = /^A(?:IDA|GPA|ROA)[A-Z0-9]{12,124}$/;
/** IAM allows all printable ASCII in a path. A policy would take some of it for wildcards or variables. */
const PATH_AND_NAME = /^(?:[\w+=,.@-]+\/)*(?<name>[\w+=,.@-]{1,128})$/;
const LONGEST_NAMES = { user: 64, group: 128, role: 64 } as const;

/** Findings name an identity by path and name, or by its unique id; then the Details have path and name. */
export const iamIdentity: z.ZodType<IamIdentity, FindingResource> = identifiedBy(
  IDENTITY_ARN,
  FindingResource.transform(({ Type, Id, Details = {} }, context) => {
    const { kind, named = '' } = ID.exec(Id)?.groups ?? {};
    const identity = UNIQUE_ID.test(named) ? pathAndName(Details[Type], kind, named) : named;
    const known = kind === KINDS[Type] ? KINDS[Type] : undefined;
    if (known && identity !== undefined && isNameOf(known, identity)) return { kind: known, identity };
    const problem =
      identity === undefined ? 'has a unique id, and no Details with path and name' : 'is not a user, group or role';
    context.addIssue({ code: 'custom', message: `${Type} "${Id}" ${problem} that a session policy can name` });
    return z.NEVER;
  }),
);

const isNameOf = (kind: IamIdentity['kind'], identity: string): boolean =>
  (PATH_AND_NAME.exec(identity)?.groups?.name?.length ?? Number.POSITIVE_INFINITY) <= LONGEST_NAMES[kind];

/** Returns undefined for Details of another identity too. */
function pathAndName(details: unknown, kind = '', uniqueId = ''): string | undefined {
  const entity = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const ofIdentity = {
    Path: z.string(),
    [`${entity}Name`]: z.string(),
    [`${entity}Id`]: z.literal(uniqueId).optional(),
  };
  const parsed = z.object(ofIdentity).safeParse(details);
  return parsed.success ? `${parsed.data.Path}${parsed.data[`${entity}Name`]}`.slice(1) : undefined;
}
