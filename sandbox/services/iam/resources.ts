/** IAM's CloudFormation resource types. */
import type { ResourceType } from '../../kernel/kernel.ts';
import { groupUserAndRolePolicies, managedPolicies } from './policy-resources.ts';
import { instanceProfiles, roles, serviceLinkedRoles, users } from './principal-resources.ts';
import type { IamState } from './state.ts';

export const iamResources: Readonly<Record<string, ResourceType<IamState>>> = {
  'AWS::IAM::Role': roles,
  'AWS::IAM::User': users,
  'AWS::IAM::InstanceProfile': instanceProfiles,
  'AWS::IAM::ServiceLinkedRole': serviceLinkedRoles,
  'AWS::IAM::Policy': groupUserAndRolePolicies,
  'AWS::IAM::ManagedPolicy': managedPolicies,
};
