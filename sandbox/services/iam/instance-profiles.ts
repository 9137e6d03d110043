/** Instance profiles: how an EC2 instance bears a role. */
import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { checkName, checkPath, checkSize, page, uniqueId } from './input.ts';
import { needOn, passRoleNeed } from './needs.ts';
import {
  alreadyExists,
  type IamAt,
  type IamState,
  type InstanceProfileRecord,
  iamArn,
  noSuchEntity,
  roleOf,
} from './state.ts';

/** Makes an instance profile; what CreateInstanceProfile and AWS::IAM::InstanceProfile have in common. */
export function createInstanceProfile(
  input: { InstanceProfileName?: string | undefined; Path?: string | undefined },
  at: IamAt,
): InstanceProfileRecord {
  const name = checkName(input.InstanceProfileName, 'instanceProfileName', 128);
  const path = checkPath(input.Path);
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

function profileOf(state: IamState, name: string | undefined): InstanceProfileRecord {
  const profile = state.instanceProfiles.get(name ?? '');
  if (!profile) throw noSuchEntity(`Instance Profile ${name}`);
  return profile;
}

function shown(profile: InstanceProfileRecord, state: IamState): sdk.InstanceProfile {
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

const onProfile = (action: string) => (input: { InstanceProfileName?: string | undefined }, at: IamAt) =>
  needOn(
    at,
    action,
    'instance-profile',
    input.InstanceProfileName,
    at.state.instanceProfiles.get(input.InstanceProfileName ?? ''),
  );

export const instanceProfileOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateInstanceProfile: {
    needs: onProfile('CreateInstanceProfile'),
    run: (input, at) => ({ InstanceProfile: shown(createInstanceProfile(input, at), at.state) }),
  },
  GetInstanceProfile: {
    needs: onProfile('GetInstanceProfile'),
    run: (input, at) => ({ InstanceProfile: shown(profileOf(at.state, input.InstanceProfileName), at.state) }),
  },
  ListInstanceProfiles: {
    needs: (_input, at) => [{ action: 'iam:ListInstanceProfiles', resource: iamArn(at, 'instance-profile', '') }],
    run(input, at) {
      const { items, ...rest } = page([...at.state.instanceProfiles.values()], input);
      return { InstanceProfiles: items.map((profile) => shown(profile, at.state)), ...rest };
    },
  },
  AddRoleToInstanceProfile: {
    needs: (input, at) => [
      ...onProfile('AddRoleToInstanceProfile')(input, at),
      passRoleNeed(
        at.state.roles.get(input.RoleName ?? '')?.arn ?? iamArn(at, 'role', input.RoleName ?? ''),
        'ec2.amazonaws.com',
      ),
    ],
    run(input, at) {
      const profile = profileOf(at.state, input.InstanceProfileName);
      const role = roleOf(at.state, input.RoleName);
      checkSize(profile.role === undefined ? 1 : 2, 1, 'InstanceSessionsPerInstanceProfile');
      profile.role = role.name;
      return {};
    },
  },
  RemoveRoleFromInstanceProfile: {
    needs: onProfile('RemoveRoleFromInstanceProfile'),
    run(input, at) {
      const profile = profileOf(at.state, input.InstanceProfileName);
      if (profile.role !== input.RoleName) throw noSuchEntity(`Role ${input.RoleName} in Instance Profile`);
      profile.role = undefined;
      return {};
    },
  },
  DeleteInstanceProfile: {
    needs: onProfile('DeleteInstanceProfile'),
    run(input, at) {
      const profile = profileOf(at.state, input.InstanceProfileName);
      if (profile.role !== undefined) {
        throw new AwsError(
          'DeleteConflict',
          'Cannot delete entity, must remove roles from instance profile first.',
          409,
        );
      }
      at.state.instanceProfiles.delete(profile.name);
      return {};
    },
  },
};
