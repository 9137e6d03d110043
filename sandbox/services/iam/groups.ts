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
import { needsOnGroup, needsOnUser } from './needs.ts';
import { checkIamName, checkIamPath, iamPage, uniqueId } from './requests.ts';
import {
  alreadyExists,
  existingGroup,
  existingUser,
  type GroupRecord,
  type IamState,
  iamArn,
  type UserRecord,
} from './state.ts';
import { userSummary } from './users.ts';

const describeGroup = (group: GroupRecord): sdk.Group => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: group.arn,
  CreateDate: group.createdAt,
});

const membersOf = (group: GroupRecord, state: IamState): UserRecord[] =>
  [...state.users.values()].filter(({ groups }) => groups.includes(group.name));

export const groupOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateGroup: {
    needs: (input, at) => [
      { action: 'iam:CreateGroup', resource: iamArn(at, 'group', input.GroupName ?? '', input.Path) },
    ],
    run(input, at) {
      const name = checkIamName(input.GroupName, 'groupName', 128);
      const path = checkIamPath(input.Path);
      if (at.state.groups.has(name)) throw alreadyExists(`Group with name ${name}`);
      const group: GroupRecord = {
        name,
        path,
        arn: iamArn(at, 'group', name, path),
        id: uniqueId(at.kernel, 'AGPA'),
        createdAt: new Date(at.kernel.clock.now()),
        inline: new Map(),
        attached: [],
      };
      at.state.groups.set(name, group);
      return { Group: describeGroup(group) };
    },
  },
  GetGroup: {
    needs: needsOnGroup('GetGroup'),
    run(input, at) {
      const group = existingGroup(at.state, input.GroupName);
      const { items, ...rest } = iamPage(membersOf(group, at.state), input);
      return { Group: describeGroup(group), Users: items.map(userSummary), ...rest };
    },
  },
  ListGroups: {
    needs: (_input, at) => [{ action: 'iam:ListGroups', resource: iamArn(at, 'group', '') }],
    run(input, at) {
      const groups = [...at.state.groups.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
      const { items, ...rest } = iamPage(groups, input);
      return { Groups: items.map(describeGroup), ...rest };
    },
  },
  DeleteGroup: {
    needs: needsOnGroup('DeleteGroup'),
    run(input, at) {
      const group = existingGroup(at.state, input.GroupName);
      if (membersOf(group, at.state).length > 0)
        throw new AwsError('DeleteConflict', 'Cannot delete entity, must remove users from group first.', 409);
      checkNoPolicies(group);
      at.state.groups.delete(group.name);
      return {};
    },
  },
  AddUserToGroup: {
    needs: needsOnGroup('AddUserToGroup'),
    run(input, at) {
      const group = existingGroup(at.state, input.GroupName);
      const user = existingUser(at.state, input.UserName);
      user.groups = [...new Set([...user.groups, group.name])];
      return {};
    },
  },
  RemoveUserFromGroup: {
    needs: needsOnGroup('RemoveUserFromGroup'),
    run(input, at) {
      const group = existingGroup(at.state, input.GroupName);
      const user = existingUser(at.state, input.UserName);
      user.groups = user.groups.filter((name) => name !== group.name);
      return {};
    },
  },
  ListGroupsForUser: {
    needs: needsOnUser('ListGroupsForUser'),
    run(input, at) {
      const groups = existingUser(at.state, input.UserName).groups.map((name) => existingGroup(at.state, name));
      const { items, ...rest } = iamPage(groups, input);
      return { Groups: items.map(describeGroup), ...rest };
    },
  },
  AttachGroupPolicy: {
    needs: needsOnGroup('AttachGroupPolicy'),
    run(input, at) {
      attachPolicy(at.state, existingGroup(at.state, input.GroupName), input.PolicyArn);
      return {};
    },
  },
  DetachGroupPolicy: {
    needs: needsOnGroup('DetachGroupPolicy'),
    run(input, at) {
      detachPolicy(existingGroup(at.state, input.GroupName), input.PolicyArn);
      return {};
    },
  },
  ListAttachedGroupPolicies: {
    needs: needsOnGroup('ListAttachedGroupPolicies'),
    run(input, at) {
      const { items, ...rest } = iamPage(attachedPolicyList(existingGroup(at.state, input.GroupName)), input);
      return { AttachedPolicies: items, ...rest };
    },
  },
  PutGroupPolicy: {
    needs: needsOnGroup('PutGroupPolicy'),
    run(input, at) {
      putInlinePolicy(existingGroup(at.state, input.GroupName), 'group', input.PolicyName, input.PolicyDocument);
      return {};
    },
  },
  GetGroupPolicy: {
    needs: needsOnGroup('GetGroupPolicy'),
    run: (input, at) => ({
      GroupName: input.GroupName!,
      ...getInlinePolicy(existingGroup(at.state, input.GroupName), 'group', input.PolicyName),
    }),
  },
  ListGroupPolicies: {
    needs: needsOnGroup('ListGroupPolicies'),
    run(input, at) {
      const { items, ...rest } = iamPage([...existingGroup(at.state, input.GroupName).inline.keys()], input);
      return { PolicyNames: items, ...rest };
    },
  },
  DeleteGroupPolicy: {
    needs: needsOnGroup('DeleteGroupPolicy'),
    run(input, at) {
      deleteInlinePolicy(existingGroup(at.state, input.GroupName), 'group', input.PolicyName);
      return {};
    },
  },
};
