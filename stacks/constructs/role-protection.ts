/**
 * The service control policy that protects the member roles from all principals of its accounts, including root users.
 */
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import { IP_RANGES_MEMBER_ROLE, MEMBER_ROLE, ROLE_PATH } from '../names.ts';
import { IAM_WRITES } from './member-role-boundary.ts';

/** Exempt by name; the policy also denies creating a role of that name, so that nobody can claim the exemption. */
const STACK_SETS_ROLE = 'role/stacksets-exec-*';

/**
 * A service-linked role creates the roles of StackSets, and no service control policy applies to it:
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export function roleProtection(partition: string): PolicyDocument {
  const anywhere = (resource: string) => `arn:${partition}:iam::*:${resource}`;
  const Action = IAM_WRITES.map((verb) => `iam:${verb}*`);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyStackSetsChangeTheRoles',
        Effect: 'Deny',
        Action,
        Resource: [MEMBER_ROLE, IP_RANGES_MEMBER_ROLE].flatMap((name) =>
          ['role', 'policy'].map((type) => anywhere(`${type}${ROLE_PATH}${name}*`)),
        ),
        Condition: { ArnNotLike: { 'aws:PrincipalArn': anywhere(STACK_SETS_ROLE) } },
      },
      { Sid: 'OnlyStackSetsUseTheirRoles', Effect: 'Deny', Action, Resource: anywhere(STACK_SETS_ROLE) },
    ],
  };
}
