/**
 * The service control policy that protects the member roles, and the stacks that created them, from all principals of
 * its accounts, including root users.
 */
import { IAM_WRITES } from '../../functions/domain/member-role-boundary.ts';
import { type InstallationId, namesOf } from '../../functions/domain/names.ts';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';

/**
 * Actions of CloudFormation that change a stack or its resources. If they were allowed, an administrator could delete a
 * stack whose resources stay, and StackSets would no longer update or remove them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 */
export const STACK_WRITES = [
  'CancelUpdateStack',
  'ContinueUpdateRollback',
  'CreateChangeSet',
  'CreateStackRefactor',
  'DeleteChangeSet',
  'DeleteStack',
  'ExecuteChangeSet',
  'ExecuteStackRefactor',
  'RollbackStack',
  'SetStackPolicy',
  'SignalResource',
  'TagResource',
  'UntagResource',
  'UpdateStack',
  'UpdateTerminationProtection',
].map((name) => `cloudformation:${name}`);

/** Exempt by name; the policy also denies creating a role of that name, so that nobody can claim the exemption. */
const STACK_SETS_ROLE = 'role/stacksets-exec-*';

/**
 * Returns the policy. A service-linked role creates the roles of StackSets, and no service control policy applies to
 * it:
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export function roleProtection(context: InstallationId & { readonly partition: string }): PolicyDocument {
  const { partition } = context;
  const { memberRole, ipRangesMemberRole, protectedStackSets, rolePath } = namesOf(context);
  const anywhere = (resource: string) => `arn:${partition}:iam::*:${resource}`;
  const Action = IAM_WRITES.map((verb) => `iam:${verb}*`);
  const Condition = { ArnNotLike: { 'aws:PrincipalArn': anywhere(STACK_SETS_ROLE) } };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyStackSetsChangeTheRoles',
        Effect: 'Deny',
        Action,
        Resource: [memberRole, ipRangesMemberRole].flatMap((name) =>
          ['role', 'policy'].map((type) => anywhere(`${type}${rolePath}${name}*`)),
        ),
        Condition,
      },
      {
        Sid: 'OnlyStackSetsChangeTheirStacks',
        Effect: 'Deny',
        Action: STACK_WRITES,
        Resource: protectedStackSets.map((name) => `arn:${partition}:cloudformation:*:*:stack/StackSet-${name}-*`),
        Condition,
      },
      { Sid: 'OnlyStackSetsUseTheirRoles', Effect: 'Deny', Action, Resource: anywhere(STACK_SETS_ROLE) },
    ],
  };
}
