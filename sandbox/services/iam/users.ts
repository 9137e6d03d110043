/** Users: their policies, boundaries, passwords and MFA devices. */
import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { attach, attachedList, checkNoPolicies, deleteInline, detach, getInline, putInline } from './attachments.ts';
import { checkName, checkPath, page, readTags, requestTags, tagList, uniqueId } from './input.ts';
import { needOn, onUser, userNamed } from './needs.ts';
import { boundaryType, checkBoundary } from './roles.ts';
import { alreadyExists, type IamAt, type IamState, iamArn, noSuchEntity, type UserRecord, userOf } from './state.ts';

/** Makes a user; what CreateUser and AWS::IAM::User have in common. */
export function createUser(input: sdk.CreateUserCommandInput, at: IamAt): UserRecord {
  const name = checkName(input.UserName, 'userName', 64);
  const path = checkPath(input.Path);
  if (at.state.users.has(name)) throw alreadyExists(`User with name ${name}`);
  const user: UserRecord = {
    name,
    path,
    arn: iamArn(at, 'user', name, path),
    id: uniqueId(at.kernel, 'AIDA'),
    createdAt: new Date(at.kernel.clock.now()),
    inline: new Map(),
    attached: [],
    tags: readTags(input.Tags),
    boundary: checkBoundary(input.PermissionsBoundary, at.state),
    groups: [],
    mfaDevices: new Map(),
  };
  at.state.users.set(name, user);
  return user;
}

export function deleteUser(user: UserRecord, state: IamState): void {
  const conflict = (what: string) => new AwsError('DeleteConflict', `Cannot delete entity, must ${what} first.`, 409);
  if (state.accessKeys.values().some((key) => key.user === user.name)) throw conflict('delete access keys');
  if (user.password) throw conflict('delete login profile');
  if (user.mfaDevices.size > 0) throw conflict('delete MFA device');
  if (user.groups.length > 0) throw conflict('remove users from group');
  checkNoPolicies(user);
  state.users.delete(user.name);
}

const shown = (user: UserRecord) => ({
  ...listed(user),
  ...(user.boundary && {
    PermissionsBoundary: { PermissionsBoundaryType: boundaryType, PermissionsBoundaryArn: user.boundary },
  }),
  ...(user.tags.size > 0 && { Tags: tagList(user.tags) }),
});

/** Lists leave out the boundary and the tags. */
export const listed = (user: UserRecord) => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: user.createdAt,
  ...(user.password?.lastUsed && { PasswordLastUsed: user.password.lastUsed }),
});

/** The user an operation is about. @throws NoSuchEntity */
export const userIn = (input: { UserName?: string | undefined }, at: IamAt): UserRecord =>
  userOf(at.state, userNamed(input, at));

function passwordOf(user: UserRecord) {
  if (!user.password) throw noSuchEntity(`Login Profile for User ${user.name}`);
  return user.password;
}

const shownPassword = (user: UserRecord): sdk.LoginProfile => ({
  UserName: user.name,
  CreateDate: passwordOf(user).createdAt,
  PasswordResetRequired: passwordOf(user).resetRequired,
});

export const userOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateUser: {
    needs: (input, at) =>
      needOn(
        at,
        'CreateUser',
        'user',
        input.UserName,
        { arn: iamArn(at, 'user', input.UserName ?? '', input.Path) },
        {
          ...requestTags(input.Tags),
          ...(input.PermissionsBoundary && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
        },
      ),
    run: (input, at) => ({ User: shown(createUser(input, at)) }),
  },
  GetUser: { needs: onUser('GetUser'), run: (input, at) => ({ User: shown(userIn(input, at)) }) },
  ListUsers: {
    needs: (_input, at) => [{ action: 'iam:ListUsers', resource: iamArn(at, 'user', '') }],
    run(input, at) {
      const users = [...at.state.users.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
      const { items, ...rest } = page(users, input);
      return { Users: items.map(listed), ...rest };
    },
  },
  DeleteUser: {
    needs: onUser('DeleteUser'),
    run(input, at) {
      deleteUser(userIn(input, at), at.state);
      return {};
    },
  },
  AttachUserPolicy: {
    needs: onUser('AttachUserPolicy'),
    run(input, at) {
      attach(at.state, userIn(input, at), input.PolicyArn);
      return {};
    },
  },
  DetachUserPolicy: {
    needs: onUser('DetachUserPolicy'),
    run(input, at) {
      detach(userIn(input, at), input.PolicyArn);
      return {};
    },
  },
  ListAttachedUserPolicies: {
    needs: onUser('ListAttachedUserPolicies'),
    run(input, at) {
      const { items, ...rest } = page(attachedList(userIn(input, at)), input);
      return { AttachedPolicies: items, ...rest };
    },
  },
  PutUserPolicy: {
    needs: onUser('PutUserPolicy'),
    run(input, at) {
      putInline(userIn(input, at), 'user', input.PolicyName, input.PolicyDocument);
      return {};
    },
  },
  GetUserPolicy: {
    needs: onUser('GetUserPolicy'),
    run(input, at) {
      const user = userIn(input, at);
      return { UserName: user.name, ...getInline(user, 'user', input.PolicyName) };
    },
  },
  ListUserPolicies: {
    needs: onUser('ListUserPolicies'),
    run(input, at) {
      const { items, ...rest } = page([...userIn(input, at).inline.keys()], input);
      return { PolicyNames: items, ...rest };
    },
  },
  DeleteUserPolicy: {
    needs: onUser('DeleteUserPolicy'),
    run(input, at) {
      deleteInline(userIn(input, at), 'user', input.PolicyName);
      return {};
    },
  },
  PutUserPermissionsBoundary: {
    needs: (input, at) =>
      needOn(at, 'PutUserPermissionsBoundary', 'user', input.UserName, at.state.users.get(input.UserName ?? ''), {
        'iam:PermissionsBoundary': input.PermissionsBoundary ?? '',
      }),
    run(input, at) {
      userIn(input, at).boundary = checkBoundary(input.PermissionsBoundary, at.state);
      return {};
    },
  },
  DeleteUserPermissionsBoundary: {
    needs: onUser('DeleteUserPermissionsBoundary'),
    run(input, at) {
      userIn(input, at).boundary = undefined;
      return {};
    },
  },
  TagUser: {
    needs: (input, at) =>
      needOn(at, 'TagUser', 'user', input.UserName, at.state.users.get(input.UserName ?? ''), requestTags(input.Tags)),
    run(input, at) {
      const user = userIn(input, at);
      user.tags = readTags(input.Tags, user.tags);
      return {};
    },
  },
  UntagUser: {
    needs: (input, at) =>
      needOn(at, 'UntagUser', 'user', input.UserName, at.state.users.get(input.UserName ?? ''), {
        'aws:TagKeys': input.TagKeys ?? [],
      }),
    run(input, at) {
      const user = userIn(input, at);
      for (const key of input.TagKeys ?? []) user.tags.delete(key);
      return {};
    },
  },
  ListUserTags: {
    needs: onUser('ListUserTags'),
    run(input, at) {
      const { items, ...rest } = page(tagList(userIn(input, at).tags), input);
      return { Tags: items, ...rest };
    },
  },
  CreateLoginProfile: {
    needs: onUser('CreateLoginProfile'),
    run(input, at) {
      const user = userIn(input, at);
      if (user.password) throw alreadyExists(`Login Profile for user ${user.name}`);
      user.password = {
        createdAt: new Date(at.kernel.clock.now()),
        resetRequired: input.PasswordResetRequired ?? false,
      };
      return { LoginProfile: shownPassword(user) };
    },
  },
  GetLoginProfile: {
    needs: onUser('GetLoginProfile'),
    run: (input, at) => ({ LoginProfile: shownPassword(userIn(input, at)) }),
  },
  DeleteLoginProfile: {
    needs: onUser('DeleteLoginProfile'),
    run(input, at) {
      const user = userIn(input, at);
      passwordOf(user);
      user.password = undefined;
      return {};
    },
  },
  CreateVirtualMFADevice: {
    needs: (input, at) => needOn(at, 'CreateVirtualMFADevice', 'mfa', input.VirtualMFADeviceName, undefined),
    run(input, at) {
      const serial = iamArn(at, 'mfa', checkName(input.VirtualMFADeviceName, 'virtualMFADeviceName', 226), input.Path);
      if (at.state.mfaDevices.has(serial)) throw alreadyExists('MFADevice entity at the same path and name');
      at.state.mfaDevices.set(serial, { serial });
      const seed = new TextEncoder().encode(at.kernel.id('', 32));
      return { VirtualMFADevice: { SerialNumber: serial, Base32StringSeed: seed } };
    },
  },
  EnableMFADevice: {
    needs: onUser('EnableMFADevice'),
    run(input, at) {
      const user = userIn(input, at);
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
    needs: onUser('DeactivateMFADevice'),
    run(input, at) {
      const user = userIn(input, at);
      const device = at.state.mfaDevices.get(input.SerialNumber ?? '');
      if (device?.user !== user.name) throw noSuchEntity(`MFADevice with serial number ${input.SerialNumber}`);
      device.user = undefined;
      user.mfaDevices.delete(device.serial);
      return {};
    },
  },
  ListMFADevices: {
    needs: onUser('ListMFADevices'),
    run(input, at) {
      const user = userIn(input, at);
      const devices = Array.from(user.mfaDevices, ([serial, enabledAt]) => ({
        UserName: user.name,
        SerialNumber: serial,
        EnableDate: enabledAt,
      }));
      const { items, ...rest } = page(devices, input);
      return { MFADevices: items, ...rest };
    },
  },
};
