import {
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import { isNamed } from '../../contract/errors.ts';
import type { RolePolicyShape, RoleShape } from '../../domain/role-shape.ts';

/**
 * Returns undefined if there is no such role. Leaves out documents of AWS's policies, which are the same in every
 * account.
 */
export async function readRole(iam: IAMClient, RoleName: string): Promise<RoleShape | undefined> {
  const role = await describeRole(iam, RoleName);
  if (!role) return undefined;
  const attached: RolePolicyShape[] = [];
  for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client: iam }, { RoleName }))
    for (const { PolicyArn } of AttachedPolicies) attached.push(await readPolicy(iam, PolicyArn!));
  const inline: Record<string, unknown> = {};
  for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName }))
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      inline[PolicyName] = parseDocument(PolicyDocument);
    }
  const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    arn: role.Arn!,
    maxSessionSeconds: role.MaxSessionDuration ?? 3600,
    trust: parseDocument(role.AssumeRolePolicyDocument),
    boundary: boundary === undefined ? undefined : await readPolicy(iam, boundary),
    attached,
    inline,
    tags: Object.fromEntries((role.Tags ?? []).map(({ Key, Value }) => [Key!, Value!])),
  };
}

async function describeRole(iam: IAMClient, RoleName: string) {
  try {
    return (await iam.send(new GetRoleCommand({ RoleName }))).Role;
  } catch (error) {
    if (isNamed(error, 'NoSuchEntityException', 'NoSuchEntity')) return undefined;
    throw error;
  }
}

async function readPolicy(iam: IAMClient, arn: string): Promise<RolePolicyShape> {
  if (arn.split(':')[4] === 'aws') return { arn };
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
  const VersionId = Policy!.DefaultVersionId;
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
  return { arn, document: parseDocument(PolicyVersion?.Document) };
}

/** IAM encodes documents as in RFC 3986: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
const parseDocument = (document: string | undefined): unknown => JSON.parse(decodeURIComponent(document ?? '{}'));

/** Returns quotas and counts of the account's IAM. */
export async function readSummary(iam: IAMClient): Promise<Readonly<Record<string, number>>> {
  const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
  return (SummaryMap ?? {}) as Record<string, number>;
}
