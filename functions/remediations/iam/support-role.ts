/** The role that manages cases with AWS Support, and who may assume it. */
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  type IAMClient,
  paginateListEntitiesForPolicy,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import { errorClause, isNamed } from '../../contract/errors.ts';
import { isEqual } from '../../contract/is-equal.ts';
import { type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { ifExists } from './user.ts';

const SUPPORT_POLICY = 'arn:{partition}:iam::aws:policy/AWSSupportAccess';

const policyIn = ({ partition }: Place): string => SUPPORT_POLICY.replace('{partition}', partition);

const ROLE = 'arn:{partition}:iam::{account}:role/{role}';
const ONLY_SUPPORT = { 'iam:PolicyARN': SUPPORT_POLICY };

export const SUPPORT_PERMISSIONS = {
  reads: [
    { actions: ['iam:ListEntitiesForPolicy'], resources: [SUPPORT_POLICY], because: 'who has AWSSupportAccess' },
    { actions: ['iam:GetRole'], resources: ['arn:{partition}:iam::{account}:role/*'], because: 'whom the role trusts' },
  ],
  writes: [
    { actions: ['iam:CreateRole'], resources: [ROLE], because: 'creates the role' },
    { actions: ['iam:AttachRolePolicy'], resources: [ROLE], because: 'attaches AWSSupportAccess', only: ONLY_SUPPORT },
  ],
  undoes: [
    { actions: ['iam:DeleteRole'], resources: [ROLE], because: 'deletes the role that the fix created' },
    { actions: ['iam:DetachRolePolicy'], resources: [ROLE], because: 'detaches AWSSupportAccess', only: ONLY_SUPPORT },
  ],
} as const;

/** Accounts by number, and users and roles by ARN. A wildcard would let in people whom nobody named. */
const PRINCIPAL = /^(\d{12}|arn:aws[\w-]*:iam::\d{12}:(root|(user|role)\/[\w+=,.@/-]+))$/;

export const SUPPORT_PARAMS = {
  params: z.strictObject({
    roleName: z
      .string()
      .regex(/^[\w+=,.@-]{1,64}$/)
      .default('aws-support'),
    trusts: z.array(z.string().regex(PRINCIPAL)).min(1).optional(),
  }),
  controlParams: { roleName: 'own', trusts: 'own' },
} as const;

/** Returns the trust policy that lets these principals assume the role. */
export const supportTrust = ({ partition }: Place, principals: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: arnsOf(partition, principals) }, Action: 'sts:AssumeRole' }],
});

const arnsOf = (partition: string, principals: readonly string[]): string[] =>
  principals.map((each) => (/^\d{12}$/.test(each) ? `arn:${partition}:iam::${each}:root` : each)).sort();

/** `other` trusts somebody whom policy does not name. */
export type FoundRole = 'absent' | 'named' | 'other';

export async function findSupportRole(
  iam: IAMClient,
  RoleName: string,
  wanted: object | undefined,
): Promise<FoundRole> {
  const found = await ifExists(iam.send(new GetRoleCommand({ RoleName })));
  if (!found) return 'absent';
  const trust = JSON.parse(decodeURIComponent(found.Role!.AssumeRolePolicyDocument!));
  return wanted && isEqual(withLists(trust), wanted) ? 'named' : 'other';
}

/** IAM writes a list of one principal as a text. */
const withLists = (trust: any) => ({
  Version: trust.Version,
  Statement: [trust.Statement].flat().map((statement) => ({
    ...statement,
    Principal: { ...statement.Principal, AWS: [statement.Principal?.AWS].flat().sort() },
  })),
});

export type SupportHolders = { readonly role: boolean; readonly others: boolean };

/** Returns whether the role of this name has the policy, and whether another role, user or group has it. */
export async function supportHolders(iam: IAMClient, place: Place, roleName: string): Promise<SupportHolders> {
  const PolicyArn = policyIn(place);
  const holders = { role: false, others: false };
  for await (const page of paginateListEntitiesForPolicy({ client: iam }, { PolicyArn })) {
    const { PolicyRoles = [], PolicyUsers = [], PolicyGroups = [] } = page;
    holders.role ||= PolicyRoles.some(({ RoleName }) => RoleName === roleName);
    holders.others ||=
      PolicyUsers.length + PolicyGroups.length > 0 || PolicyRoles.some(({ RoleName }) => RoleName !== roleName);
  }
  return holders;
}

type SupportParams = { readonly roleName: string; readonly trusts?: readonly string[] | undefined };

export async function createSupport(
  iam: IAMClient,
  place: Place,
  { roleName: RoleName, trusts = [] }: SupportParams,
): Promise<Refusal | undefined> {
  const AssumeRolePolicyDocument = JSON.stringify(supportTrust(place, trusts));
  const Description = 'Manages cases with AWS Support. Created by Suture for IAM.18.';
  try {
    const creation = iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Description }));
    await orUndefined(creation, 'EntityAlreadyExistsException');
  } catch (error) {
    if (!isNamed(error, 'MalformedPolicyDocumentException')) throw error;
    return refused(`IAM does not know somebody whom params.trusts names: ${errorClause(error)}`);
  }
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: policyIn(place) }));
  return undefined;
}

export async function removeSupport(
  iam: IAMClient,
  place: Place,
  { roleName: RoleName, deletes }: SupportParams & { readonly deletes: boolean },
): Promise<undefined> {
  await ifExists(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: policyIn(place) })));
  if (deletes) await ifExists(iam.send(new DeleteRoleCommand({ RoleName })));
}
