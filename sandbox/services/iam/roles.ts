import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type Kernel, type ServiceOperations } from '../../kernel/kernel.ts';
import {
  attachedPolicyList,
  attachPolicy,
  checkNoPolicies,
  deleteInlinePolicy,
  detachPolicy,
  getInlinePolicy,
  putInlinePolicy,
} from './attachments.ts';
import { bindPolicy, unbindPolicy } from './bound-policy.ts';
import { iamNeeds, needsOnRole, needsOnRolePolicy } from './needs.ts';
import {
  checkIamName,
  checkIamPath,
  checkIamQuota,
  iamPage,
  iamTagList,
  mergeTags,
  parseStoredPolicy,
  policySize,
  requestTagContext,
  uniqueId,
  urlEncoded,
} from './requests.ts';
import {
  alreadyExists,
  type BoundPolicy,
  existingRole,
  type IamAt,
  type IamState,
  iamArn,
  type RoleRecord,
  resolveManagedPolicy,
} from './state.ts';

export function createRole(input: sdk.CreateRoleCommandInput, at: IamAt): RoleRecord {
  const name = checkIamName(input.RoleName, 'roleName', 64);
  const path = checkIamPath(input.Path);
  if (at.state.roles.has(name)) throw alreadyExists(`Role with name ${name}`);
  const maxSessionDuration = input.MaxSessionDuration ?? 3600;
  if (maxSessionDuration < 3600 || maxSessionDuration > 43_200)
    throw new AwsError('ValidationError', 'MaxSessionDuration must be between 3600 and 43200 seconds.');
  const role: RoleRecord = {
    name,
    path,
    arn: iamArn(at, 'role', name, path),
    id: uniqueId(at.kernel, 'AROA'),
    createdAt: new Date(at.kernel.clock.now()),
    trust: parseTrustPolicy(input.AssumeRolePolicyDocument, at),
    inline: new Map(),
    attached: [],
    tags: mergeTags(input.Tags),
    description: input.Description,
    maxSessionDuration,
    boundary: checkBoundary(input.PermissionsBoundary, at.state),
  };
  at.state.roles.set(name, role);
  return role;
}

/** @throws AwsError NoSuchEntity */
export function checkBoundary(arn: string | undefined, state: IamState): string | undefined {
  if (arn !== undefined) resolveManagedPolicy(state, arn);
  return arn;
}

/**
 * Parses a trust policy and binds its principals.
 * @throws AwsError MalformedPolicyDocument, LimitExceeded
 */
export function parseTrustPolicy(text: string | undefined, at: IamAt): BoundPolicy {
  const trust = parseStoredPolicy(text, 'trust');
  checkIamQuota(policySize(trust.text), at.state.quotas.trustPolicySize, 'ACLSizePerRole');
  return bindPolicy(at.kernel, trust.document);
}

export const BOUNDARY_TYPE = 'PermissionsBoundaryPolicy' as const satisfies sdk.PermissionsBoundaryAttachmentType;

const describeRole = (role: RoleRecord, kernel: Kernel) => ({
  ...roleSummary(role, kernel),
  ...(role.boundary && {
    PermissionsBoundary: { PermissionsBoundaryType: BOUNDARY_TYPE, PermissionsBoundaryArn: role.boundary },
  }),
  ...(role.tags.size > 0 && { Tags: iamTagList(role.tags) }),
  RoleLastUsed: {},
});

const roleSummary = (role: RoleRecord, kernel: Kernel) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: role.createdAt,
  AssumeRolePolicyDocument: urlEncoded(unbindPolicy(kernel, role.trust)),
  ...(role.description !== undefined && { Description: role.description }),
  MaxSessionDuration: role.maxSessionDuration,
});

export const roleOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateRole: {
    needs: (input, at) =>
      iamNeeds(
        at,
        'CreateRole',
        'role',
        input.RoleName,
        { arn: iamArn(at, 'role', input.RoleName ?? '', input.Path) },
        {
          ...requestTagContext(input.Tags),
          ...(input.PermissionsBoundary && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
        },
      ),
    run: (input, at) => ({ Role: describeRole(createRole(input, at), at.kernel) }),
  },
  GetRole: {
    needs: needsOnRole('GetRole'),
    run: (input, at) => ({ Role: describeRole(existingRole(at.state, input.RoleName), at.kernel) }),
  },
  ListRoles: {
    needs: (_input, at) => [{ action: 'iam:ListRoles', resource: iamArn(at, 'role', '') }],
    run(input, at) {
      const roles = [...at.state.roles.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
      const { items, ...rest } = iamPage(roles, input);
      return { Roles: items.map((role) => roleSummary(role, at.kernel)), ...rest };
    },
  },
  UpdateRole: {
    needs: needsOnRole('UpdateRole'),
    run(input, at) {
      const role = existingRole(at.state, input.RoleName);
      role.description = input.Description ?? role.description;
      role.maxSessionDuration = input.MaxSessionDuration ?? role.maxSessionDuration;
      return {};
    },
  },
  DeleteRole: {
    needs: needsOnRole('DeleteRole'),
    run(input, at) {
      const role = existingRole(at.state, input.RoleName);
      checkNoPolicies(role);
      if (at.state.instanceProfiles.values().some((profile) => profile.role === role.name))
        throw new AwsError(
          'DeleteConflict',
          'Cannot delete entity, must remove roles from instance profile first.',
          409,
        );
      at.state.roles.delete(role.name);
      return {};
    },
  },
  UpdateAssumeRolePolicy: {
    needs: needsOnRole('UpdateAssumeRolePolicy'),
    run(input, at) {
      existingRole(at.state, input.RoleName).trust = parseTrustPolicy(input.PolicyDocument, at);
      return {};
    },
  },
  AttachRolePolicy: {
    needs: needsOnRolePolicy('AttachRolePolicy'),
    run(input, at) {
      attachPolicy(at.state, existingRole(at.state, input.RoleName), input.PolicyArn);
      return {};
    },
  },
  DetachRolePolicy: {
    needs: needsOnRolePolicy('DetachRolePolicy'),
    run(input, at) {
      detachPolicy(existingRole(at.state, input.RoleName), input.PolicyArn);
      return {};
    },
  },
  ListAttachedRolePolicies: {
    needs: needsOnRole('ListAttachedRolePolicies'),
    run(input, at) {
      const { items, ...rest } = iamPage(attachedPolicyList(existingRole(at.state, input.RoleName)), input);
      return { AttachedPolicies: items, ...rest };
    },
  },
  PutRolePolicy: {
    needs: needsOnRole('PutRolePolicy'),
    run(input, at) {
      putInlinePolicy(existingRole(at.state, input.RoleName), 'role', input.PolicyName, input.PolicyDocument);
      return {};
    },
  },
  GetRolePolicy: {
    needs: needsOnRole('GetRolePolicy'),
    run: (input, at) => ({
      RoleName: input.RoleName!,
      ...getInlinePolicy(existingRole(at.state, input.RoleName), 'role', input.PolicyName),
    }),
  },
  ListRolePolicies: {
    needs: needsOnRole('ListRolePolicies'),
    run(input, at) {
      const { items, ...rest } = iamPage([...existingRole(at.state, input.RoleName).inline.keys()], input);
      return { PolicyNames: items, ...rest };
    },
  },
  DeleteRolePolicy: {
    needs: needsOnRole('DeleteRolePolicy'),
    run(input, at) {
      deleteInlinePolicy(existingRole(at.state, input.RoleName), 'role', input.PolicyName);
      return {};
    },
  },
  PutRolePermissionsBoundary: {
    needs: (input, at) =>
      iamNeeds(at, 'PutRolePermissionsBoundary', 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), {
        'iam:PermissionsBoundary': input.PermissionsBoundary ?? '',
      }),
    run(input, at) {
      existingRole(at.state, input.RoleName).boundary = checkBoundary(input.PermissionsBoundary, at.state);
      return {};
    },
  },
  DeleteRolePermissionsBoundary: {
    needs: needsOnRole('DeleteRolePermissionsBoundary'),
    run(input, at) {
      existingRole(at.state, input.RoleName).boundary = undefined;
      return {};
    },
  },
  TagRole: {
    needs: (input, at) =>
      iamNeeds(
        at,
        'TagRole',
        'role',
        input.RoleName,
        at.state.roles.get(input.RoleName ?? ''),
        requestTagContext(input.Tags),
      ),
    run(input, at) {
      const role = existingRole(at.state, input.RoleName);
      role.tags = mergeTags(input.Tags, role.tags);
      return {};
    },
  },
  UntagRole: {
    needs: (input, at) =>
      iamNeeds(at, 'UntagRole', 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), {
        'aws:TagKeys': input.TagKeys ?? [],
      }),
    run(input, at) {
      const role = existingRole(at.state, input.RoleName);
      for (const key of input.TagKeys ?? []) role.tags.delete(key);
      return {};
    },
  },
  ListRoleTags: {
    needs: needsOnRole('ListRoleTags'),
    run(input, at) {
      const { items, ...rest } = iamPage(iamTagList(existingRole(at.state, input.RoleName).tags), input);
      return { Tags: items, ...rest };
    },
  },
};
