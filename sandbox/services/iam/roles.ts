/** Roles: their trust, policies and boundaries. */
import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type Kernel, type ServiceOperations } from '../../kernel/kernel.ts';
import { attach, attachedList, checkNoPolicies, deleteInline, detach, getInline, putInline } from './attachments.ts';
import {
  checkName,
  checkPath,
  checkSize,
  encoded,
  page,
  policySize,
  readPolicy,
  readTags,
  requestTags,
  tagList,
  uniqueId,
} from './input.ts';
import { needOn, onRole, onRolePolicy } from './needs.ts';
import { alreadyExists, type IamAt, type IamState, iamArn, managedPolicy, type RoleRecord, roleOf } from './state.ts';
import { type BoundPolicy, bindPolicy, unbindPolicy } from './trust.ts';

/** Makes a role; what CreateRole and AWS::IAM::Role have in common. */
export function createRole(input: sdk.CreateRoleCommandInput, at: IamAt): RoleRecord {
  const name = checkName(input.RoleName, 'roleName', 64);
  const path = checkPath(input.Path);
  if (at.state.roles.has(name)) throw alreadyExists(`Role with name ${name}`);
  const maxSessionDuration = input.MaxSessionDuration ?? 3600;
  if (maxSessionDuration < 3600 || maxSessionDuration > 43_200) {
    throw new AwsError('ValidationError', 'MaxSessionDuration must be between 3600 and 43200 seconds.');
  }
  const role: RoleRecord = {
    name,
    path,
    arn: iamArn(at, 'role', name, path),
    id: uniqueId(at.kernel, 'AROA'),
    createdAt: new Date(at.kernel.clock.now()),
    trust: readTrust(input.AssumeRolePolicyDocument, at),
    inline: new Map(),
    attached: [],
    tags: readTags(input.Tags),
    description: input.Description,
    maxSessionDuration,
    boundary: checkBoundary(input.PermissionsBoundary, at.state),
  };
  at.state.roles.set(name, role);
  return role;
}

export function checkBoundary(arn: string | undefined, state: IamState): string | undefined {
  if (arn !== undefined) managedPolicy(state, arn);
  return arn;
}

/** A trust policy with its principals bound. @throws MalformedPolicyDocument, LimitExceeded */
export function readTrust(text: string | undefined, at: IamAt): BoundPolicy {
  const trust = readPolicy(text, 'trust');
  checkSize(policySize(trust.text), at.state.quotas.trustPolicySize, 'ACLSizePerRole');
  return bindPolicy(at.kernel, trust.document);
}

/** The one type of boundary there is, as the API spells it. */
export const boundaryType = 'PermissionsBoundaryPolicy' as const satisfies sdk.PermissionsBoundaryAttachmentType;

const shownRole = (role: RoleRecord, kernel: Kernel) => ({
  ...listedRole(role, kernel),
  ...(role.boundary && {
    PermissionsBoundary: { PermissionsBoundaryType: boundaryType, PermissionsBoundaryArn: role.boundary },
  }),
  ...(role.tags.size > 0 && { Tags: tagList(role.tags) }),
  RoleLastUsed: {},
});

/** Lists leave out the boundary, the tags and the last use. */
const listedRole = (role: RoleRecord, kernel: Kernel) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: role.createdAt,
  AssumeRolePolicyDocument: encoded(unbindPolicy(kernel, role.trust)),
  ...(role.description !== undefined && { Description: role.description }),
  MaxSessionDuration: role.maxSessionDuration,
});

export const roleOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateRole: {
    needs: (input, at) =>
      needOn(
        at,
        'CreateRole',
        'role',
        input.RoleName,
        { arn: iamArn(at, 'role', input.RoleName ?? '', input.Path) },
        {
          ...requestTags(input.Tags),
          ...(input.PermissionsBoundary && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
        },
      ),
    run: (input, at) => ({ Role: shownRole(createRole(input, at), at.kernel) }),
  },
  GetRole: {
    needs: onRole('GetRole'),
    run: (input, at) => ({ Role: shownRole(roleOf(at.state, input.RoleName), at.kernel) }),
  },
  ListRoles: {
    needs: (_input, at) => [{ action: 'iam:ListRoles', resource: iamArn(at, 'role', '') }],
    run(input, at) {
      const roles = [...at.state.roles.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
      const { items, ...rest } = page(roles, input);
      return { Roles: items.map((role) => listedRole(role, at.kernel)), ...rest };
    },
  },
  UpdateRole: {
    needs: onRole('UpdateRole'),
    run(input, at) {
      const role = roleOf(at.state, input.RoleName);
      role.description = input.Description ?? role.description;
      role.maxSessionDuration = input.MaxSessionDuration ?? role.maxSessionDuration;
      return {};
    },
  },
  DeleteRole: {
    needs: onRole('DeleteRole'),
    run(input, at) {
      const role = roleOf(at.state, input.RoleName);
      checkNoPolicies(role);
      if (at.state.instanceProfiles.values().some((profile) => profile.role === role.name)) {
        throw new AwsError(
          'DeleteConflict',
          'Cannot delete entity, must remove roles from instance profile first.',
          409,
        );
      }
      at.state.roles.delete(role.name);
      return {};
    },
  },
  UpdateAssumeRolePolicy: {
    needs: onRole('UpdateAssumeRolePolicy'),
    run(input, at) {
      roleOf(at.state, input.RoleName).trust = readTrust(input.PolicyDocument, at);
      return {};
    },
  },
  AttachRolePolicy: {
    needs: onRolePolicy('AttachRolePolicy'),
    run(input, at) {
      attach(at.state, roleOf(at.state, input.RoleName), input.PolicyArn);
      return {};
    },
  },
  DetachRolePolicy: {
    needs: onRolePolicy('DetachRolePolicy'),
    run(input, at) {
      detach(roleOf(at.state, input.RoleName), input.PolicyArn);
      return {};
    },
  },
  ListAttachedRolePolicies: {
    needs: onRole('ListAttachedRolePolicies'),
    run(input, at) {
      const { items, ...rest } = page(attachedList(roleOf(at.state, input.RoleName)), input);
      return { AttachedPolicies: items, ...rest };
    },
  },
  PutRolePolicy: {
    needs: onRole('PutRolePolicy'),
    run(input, at) {
      putInline(roleOf(at.state, input.RoleName), 'role', input.PolicyName, input.PolicyDocument);
      return {};
    },
  },
  GetRolePolicy: {
    needs: onRole('GetRolePolicy'),
    run: (input, at) => ({
      RoleName: input.RoleName!,
      ...getInline(roleOf(at.state, input.RoleName), 'role', input.PolicyName),
    }),
  },
  ListRolePolicies: {
    needs: onRole('ListRolePolicies'),
    run(input, at) {
      const { items, ...rest } = page([...roleOf(at.state, input.RoleName).inline.keys()], input);
      return { PolicyNames: items, ...rest };
    },
  },
  DeleteRolePolicy: {
    needs: onRole('DeleteRolePolicy'),
    run(input, at) {
      deleteInline(roleOf(at.state, input.RoleName), 'role', input.PolicyName);
      return {};
    },
  },
  PutRolePermissionsBoundary: {
    needs: (input, at) =>
      needOn(at, 'PutRolePermissionsBoundary', 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), {
        'iam:PermissionsBoundary': input.PermissionsBoundary ?? '',
      }),
    run(input, at) {
      roleOf(at.state, input.RoleName).boundary = checkBoundary(input.PermissionsBoundary, at.state);
      return {};
    },
  },
  DeleteRolePermissionsBoundary: {
    needs: onRole('DeleteRolePermissionsBoundary'),
    run(input, at) {
      roleOf(at.state, input.RoleName).boundary = undefined;
      return {};
    },
  },
  TagRole: {
    needs: (input, at) =>
      needOn(at, 'TagRole', 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), requestTags(input.Tags)),
    run(input, at) {
      const role = roleOf(at.state, input.RoleName);
      role.tags = readTags(input.Tags, role.tags);
      return {};
    },
  },
  UntagRole: {
    needs: (input, at) =>
      needOn(at, 'UntagRole', 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), {
        'aws:TagKeys': input.TagKeys ?? [],
      }),
    run(input, at) {
      const role = roleOf(at.state, input.RoleName);
      for (const key of input.TagKeys ?? []) role.tags.delete(key);
      return {};
    },
  },
  ListRoleTags: {
    needs: onRole('ListRoleTags'),
    run(input, at) {
      const { items, ...rest } = page(tagList(roleOf(at.state, input.RoleName).tags), input);
      return { Tags: items, ...rest };
    },
  },
};
