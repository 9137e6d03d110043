import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { attachPolicy, putInlinePolicy } from './attachments.ts';
import { createInstanceProfile } from './instance-profiles.ts';
import { policyText } from './policy-resources.ts';
import { mergeTags } from './requests.ts';
import { checkBoundary, createRole, parseTrustPolicy } from './roles.ts';
import {
  existingRole,
  existingUser,
  type IamAt,
  type IamState,
  type InstanceProfileRecord,
  iamArn,
  type RoleRecord,
  type UserRecord,
} from './state.ts';
import { createUser, deleteUser } from './users.ts';

const policyProperties = {
  Path: z.string().optional(),
  ManagedPolicyArns: z.array(z.string()).optional(),
  PermissionsBoundary: z.string().optional(),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyText })).optional(),
  Tags: tagsSchema.optional(),
};
const roleProperties = z.strictObject({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: policyText,
  Description: z.string().optional(),
  MaxSessionDuration: z.coerce.number().optional(),
  ...policyProperties,
});
const userProperties = z.strictObject({
  UserName: z.string().optional(),
  Groups: z.array(z.string()).optional(),
  ...policyProperties,
});
const profileProperties = z.strictObject({
  InstanceProfileName: z.string().optional(),
  Path: z.string().optional(),
  Roles: z.array(z.string()).length(1),
});
const serviceLinkedRoleProperties = z.strictObject({
  AWSServiceName: z.string(),
  CustomSuffix: z.string().optional(),
  Description: z.string().optional(),
});

export const iamRoleResource: ResourceType<IamState> = {
  needs({ kind, properties, existing }, at) {
    const { RoleName, Path } = Object(properties) as { RoleName?: string; Path?: string };
    const actions = {
      create: ['CreateRole', 'PutRolePolicy', 'AttachRolePolicy'],
      update: ['UpdateRole', 'UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy'],
      remove: ['DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRole'],
    };
    const resource = (existing?.attributes?.Arn as string | undefined) ?? iamArn(at, 'role', RoleName ?? '*', Path);
    return actions[kind].map((action) => ({ action: `iam:${action}`, resource }));
  },
  create(properties, at, resource) {
    const { Policies, ManagedPolicyArns, ...input } = parseProperties(
      'AWS::IAM::Role',
      roleProperties,
      properties,
      resource,
    );
    const RoleName = input.RoleName ?? physicalName(at.kernel, resource, '', 64);
    const role = createRole({ ...input, RoleName }, at);
    setPolicies(role, 'role', { Policies, ManagedPolicyArns }, at);
    return createdRole(role, Policies);
  },
  update(existing, properties, at, resource) {
    const desired = parseProperties('AWS::IAM::Role', roleProperties, properties, resource);
    const role = existingRole(at.state, existing.ref);
    if ((desired.RoleName ?? role.name) !== role.name || (desired.Path ?? '/') !== role.path)
      throw new AwsError(
        'NotModelled',
        `${resource.logicalId}: a role under another name or path is not modelled`,
        501,
      );
    role.trust = parseTrustPolicy(desired.AssumeRolePolicyDocument, at);
    role.description = desired.Description;
    role.maxSessionDuration = desired.MaxSessionDuration ?? 3600;
    role.boundary = checkBoundary(desired.PermissionsBoundary, at.state);
    role.tags = mergeTags(desired.Tags);
    // Replaces only the policies of the role's own property. Those that AWS::IAM::Policy put on the role stay.
    for (const name of (existing.attributes?.Policies as string[] | undefined) ?? []) role.inline.delete(name);
    role.attached = [];
    setPolicies(role, 'role', desired, at);
    return createdRole(role, desired.Policies);
  },
  remove(existing, at) {
    at.state.roles.delete(existing.ref);
  },
};

export const iamUserResource: ResourceType<IamState> = {
  create(properties, at, resource) {
    const { Policies, ManagedPolicyArns, Groups, ...input } = parseProperties(
      'AWS::IAM::User',
      userProperties,
      properties,
      resource,
    );
    const UserName = input.UserName ?? physicalName(at.kernel, resource, '', 64);
    const user = createUser({ ...input, UserName }, at);
    user.groups = Groups ?? [];
    setPolicies(user, 'user', { Policies, ManagedPolicyArns }, at);
    return { ref: user.name, attributes: { Arn: user.arn } };
  },
  remove(existing, at) {
    const user = existingUser(at.state, existing.ref);
    Object.assign(user, { inline: new Map(), attached: [], groups: [] });
    deleteUser(user, at.state);
  },
};

export const iamInstanceProfileResource: ResourceType<IamState> = {
  create(properties, at, resource) {
    const input = parseProperties('AWS::IAM::InstanceProfile', profileProperties, properties, resource);
    const InstanceProfileName = input.InstanceProfileName ?? physicalName(at.kernel, resource, '', 128);
    const profile: InstanceProfileRecord = createInstanceProfile({ ...input, InstanceProfileName }, at);
    profile.role = existingRole(at.state, input.Roles[0]).name;
    return { ref: profile.name, attributes: { Arn: profile.arn } };
  },
  remove(existing, at) {
    at.state.instanceProfiles.delete(existing.ref);
  },
};

export const iamServiceLinkedRoleResource: ResourceType<IamState> = {
  create(properties, at, resource) {
    const input = parseProperties('AWS::IAM::ServiceLinkedRole', serviceLinkedRoleProperties, properties, resource);
    const service = input.AWSServiceName.split('.')[0]!;
    const suffix = input.CustomSuffix ? `_${input.CustomSuffix}` : '';
    const role = createRole(
      {
        RoleName: `AWSServiceRoleFor${service[0]!.toUpperCase()}${service.slice(1)}${suffix}`,
        Path: `/aws-service-role/${input.AWSServiceName}/`,
        Description: input.Description,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal: { Service: input.AWSServiceName }, Action: 'sts:AssumeRole' },
        }),
      },
      at,
    );
    return { ref: role.name, attributes: { RoleName: role.name } };
  },
  remove(existing, at) {
    at.state.roles.delete(existing.ref);
  },
};

type PolicyProperties = {
  Policies?: { PolicyName: string; PolicyDocument: string }[] | undefined;
  ManagedPolicyArns?: string[] | undefined;
};

function setPolicies(
  entity: RoleRecord | UserRecord,
  kind: 'role' | 'user',
  desired: PolicyProperties,
  at: IamAt,
): void {
  for (const arn of desired.ManagedPolicyArns ?? []) attachPolicy(at.state, entity, arn);
  for (const { PolicyName, PolicyDocument } of desired.Policies ?? []) {
    putInlinePolicy(entity, kind, PolicyName, PolicyDocument);
  }
}

const createdRole = (role: RoleRecord, policies: PolicyProperties['Policies'] = []): CreatedResource => ({
  ref: role.name,
  attributes: { Arn: role.arn, RoleId: role.id, Policies: policies.map(({ PolicyName }) => PolicyName) },
});
