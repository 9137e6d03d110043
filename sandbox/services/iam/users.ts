import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import {
  attachedPolicyList,
  attachPolicy,
  checkNoPolicies,
  deleteInlinePolicy,
  detachPolicy,
  getInlinePolicy,
  putInlinePolicy,
} from './attachments.ts';
import { iamNeeds, needsOnUser, userNameIn } from './needs.ts';
import { checkIamName, checkIamPath, iamPage, iamTagList, mergeTags, requestTagContext, uniqueId } from './requests.ts';
import { BOUNDARY_TYPE, checkBoundary } from './roles.ts';
import {
  alreadyExists,
  existingUser,
  type IamAt,
  type IamState,
  iamArn,
  noSuchEntity,
  type UserRecord,
} from './state.ts';

export function createUser(input: sdk.CreateUserCommandInput, at: IamAt): UserRecord {
  const name = checkIamName(input.UserName, 'userName', 64);
  const path = checkIamPath(input.Path);
  if (at.state.users.has(name)) throw alreadyExists(`User with name ${name}`);
  const user: UserRecord = {
    name,
    path,
    arn: iamArn(at, 'user', name, path),
    id: uniqueId(at.kernel, 'AIDA'),
    createdAt: new Date(at.kernel.clock.now()),
    inline: new Map(),
    attached: [],
    tags: mergeTags(input.Tags),
    boundary: checkBoundary(input.PermissionsBoundary, at.state),
    groups: [],
    mfaDevices: new Map(),
  };
  at.state.users.set(name, user);
  return user;
}

/** @throws AwsError DeleteConflict */
export function deleteUser(user: UserRecord, state: IamState): void {
  const conflict = (what: string) => new AwsError('DeleteConflict', `Cannot delete entity, must ${what} first.`, 409);
  if (state.accessKeys.values().some((key) => key.user === user.name)) throw conflict('delete access keys');
  if (user.password) throw conflict('delete login profile');
  if (user.mfaDevices.size > 0) throw conflict('delete MFA device');
  if (user.groups.length > 0) throw conflict('remove users from group');
  checkNoPolicies(user);
  state.users.delete(user.name);
}

export const describeUser = (user: UserRecord) => ({
  ...userSummary(user),
  ...(user.boundary && {
    PermissionsBoundary: { PermissionsBoundaryType: BOUNDARY_TYPE, PermissionsBoundaryArn: user.boundary },
  }),
  ...(user.tags.size > 0 && { Tags: iamTagList(user.tags) }),
});

export const userSummary = (user: UserRecord) => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: user.createdAt,
  ...(user.password?.lastUsed && { PasswordLastUsed: user.password.lastUsed }),
});

/**
 * Returns the user that a request names; without a name, the caller.
 * @throws AwsError NoSuchEntity
 */
export const existingUserIn = (input: { UserName?: string | undefined }, at: IamAt): UserRecord =>
  existingUser(at.state, userNameIn(input, at));

function existingPassword(user: UserRecord) {
  if (!user.password) throw noSuchEntity(`Login Profile for User ${user.name}`);
  return user.password;
}

const describeLoginProfile = (user: UserRecord): sdk.LoginProfile => ({
  UserName: user.name,
  CreateDate: existingPassword(user).createdAt,
  PasswordResetRequired: existingPassword(user).resetRequired,
});

export const userOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateUser: {
    needs: (input, at) =>
      iamNeeds(
        at,
        'CreateUser',
        'user',
        input.UserName,
        { arn: iamArn(at, 'user', input.UserName ?? '', input.Path) },
        {
          ...requestTagContext(input.Tags),
          ...(input.PermissionsBoundary && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
        },
      ),
    run: (input, at) => ({ User: describeUser(createUser(input, at)) }),
  },
  GetUser: { needs: needsOnUser('GetUser'), run: (input, at) => ({ User: describeUser(existingUserIn(input, at)) }) },
  ListUsers: {
    needs: (_input, at) => [{ action: 'iam:ListUsers', resource: iamArn(at, 'user', '') }],
    run(input, at) {
      const users = [...at.state.users.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
      const { items, ...rest } = iamPage(users, input);
      return { Users: items.map(userSummary), ...rest };
    },
  },
  DeleteUser: {
    needs: needsOnUser('DeleteUser'),
    run(input, at) {
      deleteUser(existingUserIn(input, at), at.state);
      return {};
    },
  },
  AttachUserPolicy: {
    needs: needsOnUser('AttachUserPolicy'),
    run(input, at) {
      attachPolicy(at.state, existingUserIn(input, at), input.PolicyArn);
      return {};
    },
  },
  DetachUserPolicy: {
    needs: needsOnUser('DetachUserPolicy'),
    run(input, at) {
      detachPolicy(existingUserIn(input, at), input.PolicyArn);
      return {};
    },
  },
  ListAttachedUserPolicies: {
    needs: needsOnUser('ListAttachedUserPolicies'),
    run(input, at) {
      const { items, ...rest } = iamPage(attachedPolicyList(existingUserIn(input, at)), input);
      return { AttachedPolicies: items, ...rest };
    },
  },
  PutUserPolicy: {
    needs: needsOnUser('PutUserPolicy'),
    run(input, at) {
      putInlinePolicy(existingUserIn(input, at), 'user', input.PolicyName, input.PolicyDocument);
      return {};
    },
  },
  GetUserPolicy: {
    needs: needsOnUser('GetUserPolicy'),
    run(input, at) {
      const user = existingUserIn(input, at);
      return { UserName: user.name, ...getInlinePolicy(user, 'user', input.PolicyName) };
    },
  },
  ListUserPolicies: {
    needs: needsOnUser('ListUserPolicies'),
    run(input, at) {
      const { items, ...rest } = iamPage([...existingUserIn(input, at).inline.keys()], input);
      return { PolicyNames: items, ...rest };
    },
  },
  DeleteUserPolicy: {
    needs: needsOnUser('DeleteUserPolicy'),
    run(input, at) {
      deleteInlinePolicy(existingUserIn(input, at), 'user', input.PolicyName);
      return {};
    },
  },
  PutUserPermissionsBoundary: {
    needs: (input, at) =>
      iamNeeds(at, 'PutUserPermissionsBoundary', 'user', input.UserName, at.state.users.get(input.UserName ?? ''), {
        'iam:PermissionsBoundary': input.PermissionsBoundary ?? '',
      }),
    run(input, at) {
      existingUserIn(input, at).boundary = checkBoundary(input.PermissionsBoundary, at.state);
      return {};
    },
  },
  DeleteUserPermissionsBoundary: {
    needs: needsOnUser('DeleteUserPermissionsBoundary'),
    run(input, at) {
      existingUserIn(input, at).boundary = undefined;
      return {};
    },
  },
  TagUser: {
    needs: (input, at) =>
      iamNeeds(
        at,
        'TagUser',
        'user',
        input.UserName,
        at.state.users.get(input.UserName ?? ''),
        requestTagContext(input.Tags),
      ),
    run(input, at) {
      const user = existingUserIn(input, at);
      user.tags = mergeTags(input.Tags, user.tags);
      return {};
    },
  },
  UntagUser: {
    needs: (input, at) =>
      iamNeeds(at, 'UntagUser', 'user', input.UserName, at.state.users.get(input.UserName ?? ''), {
        'aws:TagKeys': input.TagKeys ?? [],
      }),
    run(input, at) {
      const user = existingUserIn(input, at);
      for (const key of input.TagKeys ?? []) user.tags.delete(key);
      return {};
    },
  },
  ListUserTags: {
    needs: needsOnUser('ListUserTags'),
    run(input, at) {
      const { items, ...rest } = iamPage(iamTagList(existingUserIn(input, at).tags), input);
      return { Tags: items, ...rest };
    },
  },
  CreateLoginProfile: {
    needs: needsOnUser('CreateLoginProfile'),
    run(input, at) {
      const user = existingUserIn(input, at);
      if (user.password) throw alreadyExists(`Login Profile for user ${user.name}`);
      user.password = {
        createdAt: new Date(at.kernel.clock.now()),
        resetRequired: input.PasswordResetRequired ?? false,
      };
      return { LoginProfile: describeLoginProfile(user) };
    },
  },
  GetLoginProfile: {
    needs: needsOnUser('GetLoginProfile'),
    run: (input, at) => ({ LoginProfile: describeLoginProfile(existingUserIn(input, at)) }),
  },
  DeleteLoginProfile: {
    needs: needsOnUser('DeleteLoginProfile'),
    run(input, at) {
      const user = existingUserIn(input, at);
      existingPassword(user);
      user.password = undefined;
      return {};
    },
  },
  CreateVirtualMFADevice: {
    needs: (input, at) => iamNeeds(at, 'CreateVirtualMFADevice', 'mfa', input.VirtualMFADeviceName, undefined),
    run(input, at) {
      const serial = iamArn(
        at,
        'mfa',
        checkIamName(input.VirtualMFADeviceName, 'virtualMFADeviceName', 226),
        input.Path,
      );
      if (at.state.mfaDevices.has(serial)) throw alreadyExists('MFADevice entity at the same path and name');
      at.state.mfaDevices.set(serial, { serial });
      const seed = new TextEncoder().encode(at.kernel.id('', 32));
      return { VirtualMFADevice: { SerialNumber: serial, Base32StringSeed: seed } };
    },
  },
  EnableMFADevice: {
    needs: needsOnUser('EnableMFADevice'),
    run(input, at) {
      const user = existingUserIn(input, at);
      const device = at.state.mfaDevices.get(input.SerialNumber ?? '');
      if (!device) throw noSuchEntity(`VirtualMFADevice with serial number ${input.SerialNumber}`);
      if (device.user) throw alreadyExists('MFA Device is already in use. It');
      device.user = user.name;
      device.enabledAt = new Date(at.kernel.clock.now());
      user.mfaDevices.set(device.serial, device.enabledAt);
      return {};
    },
  },
  DeactivateMFADevice: {
    needs: needsOnUser('DeactivateMFADevice'),
    run(input, at) {
      const user = existingUserIn(input, at);
      const device = at.state.mfaDevices.get(input.SerialNumber ?? '');
      if (device?.user !== user.name) throw noSuchEntity(`MFADevice with serial number ${input.SerialNumber}`);
      device.user = undefined;
      user.mfaDevices.delete(device.serial);
      return {};
    },
  },
  ListMFADevices: {
    needs: needsOnUser('ListMFADevices'),
    run(input, at) {
      const user = existingUserIn(input, at);
      const devices = Array.from(user.mfaDevices, ([serial, enabledAt]) => ({
        UserName: user.name,
        SerialNumber: serial,
        EnableDate: enabledAt,
      }));
      const { items, ...rest } = iamPage(devices, input);
      return { MFADevices: items, ...rest };
    },
  },
};
