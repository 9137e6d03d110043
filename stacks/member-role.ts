/**
 * The member role for every account in which Suture remediates, an optional second role for responses to threats, and
 * the doctor's. Needs neither bootstrap nor assets.
 */
import type { StackProps } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import { type MemberInstallation, memberRoleDesigns, type RoleDesign } from '../functions/domain/member-roles.ts';
import { namesOf } from '../functions/domain/names.ts';
import { managedPolicy } from './constructs/managed-policy.ts';
import { executionRoles, trustingInstallation } from './constructs/member-role-trust.ts';
import { tagsOf } from './constructs/tagging.ts';
import { handledRegions, type SutureContext } from './context.ts';
import { doctorRoleArn, InstallationStack } from './names.ts';

export type MemberRoleStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
};

export class MemberRoleStack extends InstallationStack {
  constructor(scope: Construct, id: string, { context, remediations, ...props }: MemberRoleStackProps) {
    super(scope, id, { ...props, context });
    for (const design of memberRoleDesigns(memberInstallation(context), remediations))
      memberRole(this, context, design);
  }
}

/** Returns the facts from which the member roles follow. The doctor function gets them too. */
export const memberInstallation = (context: SutureContext): MemberInstallation => {
  const { serviceAccount, responseRole } = context;
  const names = namesOf(context);
  return {
    installation: trustingInstallation(context),
    regions: handledRegions(context),
    path: names.rolePath,
    tags: tagsOf(context),
    member: { name: names.memberRole, trusted: executionRoles(context) },
    ...(responseRole && {
      response: {
        name: names.responseRole,
        trusted: {
          account: serviceAccount,
          path: names.responseExecutionRolePath,
          rollbackPath: names.responseRollbackRolePath,
        },
      },
    }),
    doctor: { name: names.memberDoctorRole, caller: doctorRoleArn(context) },
  };
};

function memberRole(scope: Construct, { partition }: SutureContext, design: RoleDesign): void {
  const { id, name, path, description, maxSessionSeconds, trust, tags, inline } = design;
  const boundary = managedPolicy(scope, `${id}Boundary`, { partition, ...design.boundary });
  const policies = design.policies.map((policy, index) =>
    managedPolicy(scope, `${id}Permissions${index + 1}`, { partition, ...policy }),
  );
  new CfnRole(scope, `${id}Role`, {
    roleName: name,
    path,
    description,
    maxSessionDuration: maxSessionSeconds,
    assumeRolePolicyDocument: trust,
    permissionsBoundary: boundary.ref,
    managedPolicyArns: policies.map(({ ref }) => ref),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    ...(Object.keys(inline).length > 0 && { policies: inlinePolicies(inline) }),
  });
}

const inlinePolicies = (inline: RoleDesign['inline']) =>
  Object.entries(inline).map(([policyName, policyDocument]) => ({ policyName, policyDocument }));
