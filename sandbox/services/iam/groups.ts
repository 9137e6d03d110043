/** Groups of users and the policies they bring. */
import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { attach, attachedList, checkNoPolicies, deleteInline, detach, getInline, putInline } from './attachments.ts';
import { checkName, checkPath, page, uniqueId } from './input.ts';
import { onGroup, onUser } from './needs.ts';
import { alreadyExists, type GroupRecord, groupOf, type IamState, iamArn, type UserRecord, userOf } from './state.ts';
import { listed } from './users.ts';

const shown = (group: GroupRecord): sdk.Group => ({
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
      const name = checkName(input.GroupName, 'groupName', 128);
      const path = checkPath(input.Path);
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
      return { Group: shown(group) };
    },
  },
  GetGroup: {
    needs: onGroup('GetGroup'),
    run(input, at) {
      const group = groupOf(at.state, input.GroupName);
      const { items, ...rest } = page(membersOf(group, at.state), input);
      return { Group: shown(group), Users: items.map(listed), ...rest };
    },
  },
  ListGroups: {
    needs: (_input, at) => [{ action: 'iam:ListGroups', resource: iamArn(at, 'group', '') }],
    run(input, at) {
      const groups = [...at.state.groups.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
      const { items, ...rest } = page(groups, input);
      return { Groups: items.map(shown), ...rest };
    },
  },
  DeleteGroup: {
    needs: onGroup('DeleteGroup'),
    run(input, at) {
      const group = groupOf(at.state, input.GroupName);
      if (membersOf(group, at.state).length > 0) {
        throw new AwsError('DeleteConflict', 'Cannot delete entity, must remove users from group first.', 409);
      }
      checkNoPolicies(group);
      at.state.groups.delete(group.name);
      return {};
    },
  },
  AddUserToGroup: {
    needs: onGroup('AddUserToGroup'),
    run(input, at) {
      const group = groupOf(at.state, input.GroupName);
      const user = userOf(at.state, input.UserName);
      user.groups = [...new Set([...user.groups, group.name])];
      return {};
    },
  },
  RemoveUserFromGroup: {
    needs: onGroup('RemoveUserFromGroup'),
    run(input, at) {
      const group = groupOf(at.state, input.GroupName);
      const user = userOf(at.state, input.UserName);
      user.groups = user.groups.filter((name) => name !== group.name);
      return {};
    },
  },
  ListGroupsForUser: {
    needs: onUser('ListGroupsForUser'),
    run(input, at) {
      const groups = userOf(at.state, input.UserName).groups.map((name) => groupOf(at.state, name));
      const { items, ...rest } = page(groups, input);
      return { Groups: items.map(shown), ...rest };
    },
  },
  AttachGroupPolicy: {
    needs: onGroup('AttachGroupPolicy'),
    run(input, at) {
      attach(at.state, groupOf(at.state, input.GroupName), input.PolicyArn);
      return {};
    },
  },
  DetachGroupPolicy: {
    needs: onGroup('DetachGroupPolicy'),
    run(input, at) {
      detach(groupOf(at.state, input.GroupName), input.PolicyArn);
      return {};
    },
  },
  ListAttachedGroupPolicies: {
    needs: onGroup('ListAttachedGroupPolicies'),
    run(input, at) {
      const { items, ...rest } = page(attachedList(groupOf(at.state, input.GroupName)), input);
      return { AttachedPolicies: items, ...rest };
    },
  },
  PutGroupPolicy: {
    needs: onGroup('PutGroupPolicy'),
    run(input, at) {
      putInline(groupOf(at.state, input.GroupName), 'group', input.PolicyName, input.PolicyDocument);
      return {};
    },
  },
  GetGroupPolicy: {
    needs: onGroup('GetGroupPolicy'),
    run: (input, at) => ({
      GroupName: input.GroupName!,
      ...getInline(groupOf(at.state, input.GroupName), 'group', input.PolicyName),
    }),
  },
  ListGroupPolicies: {
    needs: onGroup('ListGroupPolicies'),
    run(input, at) {
      const { items, ...rest } = page([...groupOf(at.state, input.GroupName).inline.keys()], input);
      return { PolicyNames: items, ...rest };
    },
  },
  DeleteGroupPolicy: {
    needs: onGroup('DeleteGroupPolicy'),
    run(input, at) {
      deleteInline(groupOf(at.state, input.GroupName), 'group', input.PolicyName);
      return {};
    },
  },
};
