/** The service control policy over the member role. It binds every principal of the accounts below its targets, root users too. */
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import { MEMBER_ROLE, ROLE_PATH } from '../names.ts';
import { IAM_WRITES } from './member-role-boundary.ts';

/** By its name: whoever could make a role of that name would be let through, so nobody can. */
const STACK_SETS_ROLE = 'role/stacksets-exec-*';

/**
 * Two statements. The roles through which StackSets work are made by a service-linked role, which no service control policy
 * binds: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export function roleProtection(partition: string): PolicyDocument {
  const anywhere = (resource: string) => `arn:${partition}:iam::*:${resource}`;
  const Action = IAM_WRITES.map((verb) => `iam:${verb}*`);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyStackSetsChangeTheRole',
        Effect: 'Deny',
        Action,
        Resource: ['role', 'policy'].map((type) => anywhere(`${type}${ROLE_PATH}${MEMBER_ROLE}*`)),
        Condition: { ArnNotLike: { 'aws:PrincipalArn': anywhere(STACK_SETS_ROLE) } },
      },
      { Sid: 'NobodyPosesAsStackSets', Effect: 'Deny', Action, Resource: anywhere(STACK_SETS_ROLE) },
    ],
  };
}
