/**
 * IAM Identity Center, as far as templates make it: permission sets, and the roles that they become in the accounts where
 * groups have them. Its API and its users are not modelled.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SSO.html
 */
import * as z from 'zod';
import { type At, AwsError, defineService, type Kernel, type ResourceType, type Service } from '../../kernel/kernel.ts';
import { attach } from '../iam/attachments.ts';
import { iam } from '../iam/index.ts';
import { createRole } from '../iam/roles.ts';
import type { RoleRecord } from '../iam/state.ts';
import { isMember } from '../organizations/index.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';

type PermissionSet = {
  readonly arn: string;
  readonly name: string;
  readonly instance: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Paths and names of policies of the account in which it is assigned. */
  policies: readonly string[];
  /** Names of the roles by account. */
  readonly roles: Map<string, string>;
};
type SsoState = { readonly sets: Map<string, PermissionSet> };
type Here = At<SsoState>;

const instanceArn = z.string().regex(/^arn:[\w-]+:sso:::instance\/(sso)?ins-[a-zA-Z0-9-.]{16}$/);
const permissionSetSchema = z.strictObject({
  InstanceArn: instanceArn,
  Name: z.string().regex(/^[\w+=,.@-]{1,32}$/),
  Description: z.string().min(1).max(700).optional(),
  SessionDuration: z
    .string()
    .regex(/^PT([1-9]|1[0-2])H$/)
    .optional(),
  CustomerManagedPolicyReferences: z
    .array(z.strictObject({ Name: z.string(), Path: z.string().default('/') }))
    .max(20)
    .default([]),
  Tags: tagsSchema.default([]),
});
const assignmentSchema = z.strictObject({
  InstanceArn: instanceArn,
  PermissionSetArn: z.string(),
  PrincipalType: z.enum(['GROUP', 'USER']),
  PrincipalId: z.string().regex(/^([0-9a-f]{10}-)?[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}$/),
  TargetType: z.literal('AWS_ACCOUNT'),
  TargetId: z.string().regex(/^\d{12}$/),
});

const permissionSets: ResourceType<SsoState> = {
  create(properties, at, resource) {
    const wanted = parseProperties('AWS::SSO::PermissionSet', permissionSetSchema, properties, resource);
    const instance = wanted.InstanceArn.slice(wanted.InstanceArn.indexOf('/') + 1);
    const arn = `arn:${at.partition}:sso:::permissionSet/${instance}/${at.kernel.id('ps-', 16)}`;
    at.state.sets.set(arn, {
      arn,
      name: wanted.Name,
      instance: wanted.InstanceArn,
      tags: Object.fromEntries(wanted.Tags.map(({ Key, Value }) => [Key, Value])),
      policies: wanted.CustomerManagedPolicyReferences.map(({ Path, Name }) => `${Path}${Name}`),
      roles: new Map(),
    });
    return { ref: `${wanted.InstanceArn}|${arn}`, attributes: { PermissionSetArn: arn } };
  },
};

/** The first assignment in an account makes the role there; groups share it. */
const assignments: ResourceType<SsoState> = {
  create(properties, at, resource) {
    const wanted = parseProperties('AWS::SSO::Assignment', assignmentSchema, properties, resource);
    const set = at.state.sets.get(wanted.PermissionSetArn);
    if (set?.instance !== wanted.InstanceArn)
      throw new AwsError('ResourceNotFoundException', `PermissionSet ${wanted.PermissionSetArn} not found`);
    if (!isMember(at.kernel, wanted.TargetId))
      throw notModelled(`an assignment outside the organization, ${wanted.TargetId}`);
    if (!set.roles.has(wanted.TargetId)) set.roles.set(wanted.TargetId, provision(set, wanted.TargetId, at).name);
    return { ref: Object.values(wanted).join('|') };
  },
};

/** @throws AwsError NoSuchEntity for a policy that the account does not have, as the provisioning of a permission set fails */
function provision(set: PermissionSet, account: string, { kernel, partition, region }: Here): RoleRecord {
  const place = { partition, account, region: 'us-east-1' };
  const provider = `arn:${partition}:iam::${account}:saml-provider/AWSSSO_${kernel.id('', 16)}_DO_NOT_DELETE`;
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Federated: provider }, Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'] },
    ],
  };
  const principal = { kind: 'service' as const, service: 'sso.amazonaws.com', account };
  const at = { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(iam, place) };
  const role = createRole(
    {
      RoleName: `AWSReservedSSO_${set.name}_${kernel.id('', 16)}`,
      Path: `/aws-reserved/sso.amazonaws.com/${region === 'us-east-1' ? '' : `${region}/`}`,
      AssumeRolePolicyDocument: JSON.stringify(trust),
    },
    at,
  );
  for (const policy of set.policies) attach(at.state, role, `arn:${partition}:iam::${account}:policy${policy}`);
  return role;
}

/** The role that a permission set has become in an account. */
export function roleOfPermissionSet(kernel: Kernel, name: string, account: string): string | undefined {
  const { sets } = kernel.state(sso, { partition: kernel.partition, account: '', region: '' });
  return sets
    .values()
    .find((set) => set.name === name)
    ?.roles.get(account);
}

/** All instances of the organization are kept together. */
export const sso: Service<{}, SsoState> = defineService<{}, SsoState>({
  name: 'sso',
  sdk: {},
  client: class {},
  prefix: 'sso',
  scope: 'partition',
  state: () => ({ sets: new Map() }),
  operations: {},
  resources: { 'AWS::SSO::PermissionSet': permissionSets, 'AWS::SSO::Assignment': assignments },
});
