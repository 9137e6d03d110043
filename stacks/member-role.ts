/**
 * The member role for every account in which Suture remediates, and an optional second role for responses to threats.
 * Needs neither bootstrap nor assets.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Remediation, respondsToThreats } from '../functions/contract/remediation.ts';
import { memberRolePolicies } from '../functions/domain/permissions.ts';
import { managedPolicy } from './constructs/managed-policy.ts';
import { memberRoleBoundary } from './constructs/member-role-boundary.ts';
import { memberRoleTrust } from './constructs/member-role-trust.ts';
import type { SutureContext } from './context.ts';
import {
  MEMBER_ROLE,
  RESPONSE_EXECUTION_ROLE_PATH,
  RESPONSE_ROLE,
  RESPONSE_ROLLBACK_ROLE_PATH,
  ROLE_PATH,
} from './names.ts';

export type MemberRoleStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
};

export class MemberRoleStack extends Stack {
  constructor(scope: Construct, id: string, { context, remediations, ...props }: MemberRoleStackProps) {
    super(scope, id, props);
    const { true: responses = [], false: others = [] } = Object.groupBy(remediations, (each) =>
      respondsToThreats(each) ? 'true' : 'false',
    );
    memberRole(this, '', {
      name: MEMBER_ROLE,
      description: "Assumed by Suture's remediation functions, from the service account",
      remediations: others,
      trust: memberRoleTrust(context),
    });
    if (!context.responseRole || responses.length === 0) return;
    memberRole(this, 'Response', {
      name: RESPONSE_ROLE,
      description: "Assumed by Suture's functions that respond to threats, from the service account",
      remediations: responses,
      trust: memberRoleTrust(context, {
        account: context.serviceAccount,
        path: RESPONSE_EXECUTION_ROLE_PATH,
        rollbackPath: RESPONSE_ROLLBACK_ROLE_PATH,
      }),
    });
  }
}

type MemberRole = {
  readonly name: string;
  readonly description: string;
  readonly remediations: readonly Remediation[];
  readonly trust: object;
};

function memberRole(scope: Construct, id: string, { name, description, remediations, trust }: MemberRole): void {
  const boundary = managedPolicy(scope, `${id}Boundary`, {
    name: `${name}-boundary`,
    description: 'The maximum permissions of the member role, whatever policies are attached to it',
    policy: memberRoleBoundary(remediations),
    because: "A boundary over any resource: the role's own policies and each session's policy narrow it",
  });
  const policies = memberRolePolicies(remediations).map((policy, index) =>
    managedPolicy(scope, `${id}Permissions${index + 1}`, {
      name: `${name}-${index + 1}`,
      description: 'What remediations may do, each in the sessions that carry its tag',
      policy,
      because:
        "Any finding's resource of the account: each session's policy names the plan's targets, and each module its reasons",
    }),
  );
  new CfnRole(scope, `${id}Role`, {
    roleName: name,
    path: ROLE_PATH,
    description,
    maxSessionDuration: 3600,
    assumeRolePolicyDocument: trust,
    permissionsBoundary: boundary.ref,
    managedPolicyArns: policies.map(({ ref }) => ref),
  });
}
