import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { iamNeeds, passRoleNeed } from './needs.ts';
import { checkIamName, checkIamPath, checkIamQuota, iamPage, uniqueId } from './requests.ts';
import {
  alreadyExists,
  existingRole,
  type IamAt,
  type IamState,
  type InstanceProfileRecord,
  iamArn,
  noSuchEntity,
} from './state.ts';

export function createInstanceProfile(
  input: { InstanceProfileName?: string | undefined; Path?: string | undefined },
  at: IamAt,
): InstanceProfileRecord {
  const name = checkIamName(input.InstanceProfileName, 'instanceProfileName', 128);
  const path = checkIamPath(input.Path);
  if (at.state.instanceProfiles.has(name)) throw alreadyExists(`Instance Profile ${name}`);
  const profile: InstanceProfileRecord = {
    name,
    path,
    arn: iamArn(at, 'instance-profile', name, path),
    id: uniqueId(at.kernel, 'AIPA'),
    createdAt: new Date(at.kernel.clock.now()),
  };
  at.state.instanceProfiles.set(name, profile);
  return profile;
}

function existingInstanceProfile(state: IamState, name: string | undefined): InstanceProfileRecord {
  const profile = state.instanceProfiles.get(name ?? '');
  if (!profile) throw noSuchEntity(`Instance Profile ${name}`);
  return profile;
}

function describeInstanceProfile(profile: InstanceProfileRecord, state: IamState): sdk.InstanceProfile {
  const role = profile.role === undefined ? undefined : state.roles.get(profile.role);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: profile.createdAt,
    Roles: role
      ? [{ Path: role.path, RoleName: role.name, RoleId: role.id, Arn: role.arn, CreateDate: role.createdAt }]
      : [],
  };
}

const needsOnProfile = (action: string) => (input: { InstanceProfileName?: string | undefined }, at: IamAt) =>
  iamNeeds(
    at,
    action,
    'instance-profile',
    input.InstanceProfileName,
    at.state.instanceProfiles.get(input.InstanceProfileName ?? ''),
  );

export const instanceProfileOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateInstanceProfile: {
    needs: needsOnProfile('CreateInstanceProfile'),
    run: (input, at) => ({ InstanceProfile: describeInstanceProfile(createInstanceProfile(input, at), at.state) }),
  },
  GetInstanceProfile: {
    needs: needsOnProfile('GetInstanceProfile'),
    run: (input, at) => ({
      InstanceProfile: describeInstanceProfile(existingInstanceProfile(at.state, input.InstanceProfileName), at.state),
    }),
  },
  ListInstanceProfiles: {
    needs: (_input, at) => [{ action: 'iam:ListInstanceProfiles', resource: iamArn(at, 'instance-profile', '') }],
    run(input, at) {
      const { items, ...rest } = iamPage([...at.state.instanceProfiles.values()], input);
      return { InstanceProfiles: items.map((profile) => describeInstanceProfile(profile, at.state)), ...rest };
    },
  },
  AddRoleToInstanceProfile: {
    needs: (input, at) => [
      ...needsOnProfile('AddRoleToInstanceProfile')(input, at),
      passRoleNeed(
        at.state.roles.get(input.RoleName ?? '')?.arn ?? iamArn(at, 'role', input.RoleName ?? ''),
        'ec2.amazonaws.com',
      ),
    ],
    run(input, at) {
      const profile = existingInstanceProfile(at.state, input.InstanceProfileName);
      const role = existingRole(at.state, input.RoleName);
      checkIamQuota(profile.role === undefined ? 1 : 2, 1, 'InstanceSessionsPerInstanceProfile');
      profile.role = role.name;
      return {};
    },
  },
  RemoveRoleFromInstanceProfile: {
    needs: needsOnProfile('RemoveRoleFromInstanceProfile'),
    run(input, at) {
      const profile = existingInstanceProfile(at.state, input.InstanceProfileName);
      if (profile.role !== input.RoleName) throw noSuchEntity(`Role ${input.RoleName} in Instance Profile`);
      profile.role = undefined;
      return {};
    },
  },
  DeleteInstanceProfile: {
    needs: needsOnProfile('DeleteInstanceProfile'),
    run(input, at) {
      const profile = existingInstanceProfile(at.state, input.InstanceProfileName);
      if (profile.role !== undefined)
        throw new AwsError(
          'DeleteConflict',
          'Cannot delete entity, must remove roles from instance profile first.',
          409,
        );
      at.state.instanceProfiles.delete(profile.name);
      return {};
    },
  },
};
