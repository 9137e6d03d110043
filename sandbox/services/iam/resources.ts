import type { ResourceType } from '../../kernel/kernel.ts';
import { iamInlinePolicyResource, iamManagedPolicyResource } from './policy-resources.ts';
import {
  iamInstanceProfileResource,
  iamRoleResource,
  iamServiceLinkedRoleResource,
  iamUserResource,
} from './principal-resources.ts';
import type { IamState } from './state.ts';

export const iamResources: Readonly<Record<string, ResourceType<IamState>>> = {
  'AWS::IAM::Role': iamRoleResource,
  'AWS::IAM::User': iamUserResource,
  'AWS::IAM::InstanceProfile': iamInstanceProfileResource,
  'AWS::IAM::ServiceLinkedRole': iamServiceLinkedRoleResource,
  'AWS::IAM::Policy': iamInlinePolicyResource,
  'AWS::IAM::ManagedPolicy': iamManagedPolicyResource,
};
