/**
 * Permission sets, and assignments, which create their roles in accounts. The API and users are not modelled.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SSO.html
 */
import * as z from 'zod';
import { wholeState } from '../../kernel/comparison.ts';
import { AwsError, defineService, type ResourceType, type Service } from '../../kernel/kernel.ts';
import { attachPolicy } from '../iam/attachments.ts';
import { createRole } from '../iam/roles.ts';
import { IAM, type RoleRecord } from '../iam/state.ts';
import { locateByArn } from '../locate.ts';
import { isOrganizationMember } from '../organizations/look-up.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { type PermissionSet, SSO, type SsoAt, type SsoState } from './state.ts';

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
  create(input, at, resource) {
    const properties = parseProperties('AWS::SSO::PermissionSet', permissionSetSchema, input, resource);
    const instance = properties.InstanceArn.slice(properties.InstanceArn.indexOf('/') + 1);
    const arn = `arn:${at.partition}:sso:::permissionSet/${instance}/${at.kernel.id('ps-', 16)}`;
    at.state.sets.set(arn, {
      arn,
      name: properties.Name,
      instance: properties.InstanceArn,
      tags: Object.fromEntries(properties.Tags.map(({ Key, Value }) => [Key, Value])),
      policies: properties.CustomerManagedPolicyReferences.map(({ Path, Name }) => `${Path}${Name}`),
      roles: new Map(),
      assignments: new Set(),
    });
    return { ref: `${properties.InstanceArn}|${arn}`, attributes: { PermissionSetArn: arn } };
  },
  remove({ attributes }, at) {
    const arn = String(attributes!.PermissionSetArn);
    if (at.state.sets.get(arn)?.assignments.size)
      throw new AwsError('ConflictException', `PermissionSet ${arn} has assignments`);
    at.state.sets.delete(arn);
  },
};

/** The first assignment in an account creates the role there, later ones share it, and the last removes it. */
const assignments: ResourceType<SsoState> = {
  create(input, at, resource) {
    const properties = parseProperties('AWS::SSO::Assignment', assignmentSchema, input, resource);
    const set = at.state.sets.get(properties.PermissionSetArn);
    if (set?.instance !== properties.InstanceArn)
      throw new AwsError('ResourceNotFoundException', `PermissionSet ${properties.PermissionSetArn} not found`);
    if (!isOrganizationMember(at.kernel, properties.TargetId))
      throw notModelled(`an assignment outside the organization, ${properties.TargetId}`);
    if (!set.roles.has(properties.TargetId))
      set.roles.set(properties.TargetId, createPermissionSetRole(set, properties.TargetId, at).name);
    const ref = Object.values(properties).join('|');
    set.assignments.add(ref);
    return { ref };
  },
  remove({ ref }, at, _resource, { PermissionSetArn, TargetId }) {
    const set = at.state.sets.get(PermissionSetArn)!;
    set.assignments.delete(ref);
    if ([...set.assignments].some((other) => other.endsWith(`|${TargetId}`))) return;
    const { kernel, partition } = at;
    kernel.state(IAM, { partition, account: TargetId, region: 'us-east-1' }).roles.delete(set.roles.get(TargetId)!);
    set.roles.delete(TargetId);
  },
};

/** @throws AwsError NoSuchEntity if the account lacks one of the policies, as on AWS */
function createPermissionSetRole(
  set: PermissionSet,
  account: string,
  { kernel, partition, region }: SsoAt,
): RoleRecord {
  const place = { partition, account, region: 'us-east-1' };
  const provider = `arn:${partition}:iam::${account}:saml-provider/AWSSSO_${kernel.id('', 16)}_DO_NOT_DELETE`;
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Federated: provider }, Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'] },
    ],
  };
  const principal = { kind: 'service' as const, service: 'sso.amazonaws.com', account };
  const at = { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(IAM, place) };
  const role = createRole(
    {
      RoleName: `AWSReservedSSO_${set.name}_${kernel.id('', 16)}`,
      Path: `/aws-reserved/sso.amazonaws.com/${region === 'us-east-1' ? '' : `${region}/`}`,
      AssumeRolePolicyDocument: JSON.stringify(trust),
    },
    at,
  );
  for (const policy of set.policies) attachPolicy(at.state, role, `arn:${partition}:iam::${account}:policy${policy}`);
  return role;
}

export const sso: Service<{}, SsoState> = defineService<{}, SsoState>({
  ...SSO,
  sdk: {},
  client: class {},
  prefix: 'sso',
  comparable: wholeState,
  locate: locateByArn({ 'permissionSet/': 'sets' }),
  operations: {},
  resources: { 'AWS::SSO::PermissionSet': permissionSets, 'AWS::SSO::Assignment': assignments },
});
