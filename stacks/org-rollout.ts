/**
 * The rollout of the member role to all present and future accounts of the chosen units: a StackSet, and the service
 * control policy that protects the role. Its account is the management account or a delegated administrator of
 * StackSets.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnStackSet, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import { findingProtection } from './constructs/finding-protection.ts';
import { roleProtection } from './constructs/role-protection.ts';
import type { Rollout, SutureContext } from './context.ts';
import { MEMBER_ROLE_DESCRIPTION, memberTemplate } from './member-template.ts';

/**
 * StackSets accept larger templates only through S3.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const INLINE_LIMIT = 51_200;

export type OrgRolloutStackProps = StackProps & {
  readonly context: SutureContext;
  readonly rollout: Rollout;
  readonly remediations: readonly Remediation[];
};

export const isDelegated = ({ account, managementAccount }: Rollout): boolean => account !== managementAccount;

export class OrgRolloutStack extends Stack {
  constructor(scope: Construct, id: string, { context, rollout, remediations, ...props }: OrgRolloutStackProps) {
    super(scope, id, props);
    new CfnStackSet(this, 'MemberRole', {
      stackSetName: 'suture-member-role',
      description: MEMBER_ROLE_DESCRIPTION,
      permissionModel: 'SERVICE_MANAGED',
      callAs: isDelegated(rollout) ? 'DELEGATED_ADMIN' : 'SELF',
      // Removes the role from accounts that leave the units.
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      capabilities: ['CAPABILITY_NAMED_IAM'],
      managedExecution: { Active: true },
      // Tolerates one failing account; more failures indicate an error in the template.
      operationPreferences: {
        failureTolerancePercentage: 10,
        maxConcurrentPercentage: 100,
        concurrencyMode: 'SOFT_FAILURE_TOLERANCE',
      },
      // IAM is global: one Region is enough.
      stackInstancesGroup: [
        { deploymentTargets: { organizationalUnitIds: rollout.units }, regions: [context.homeRegion] },
      ],
      ...templateProperty(this, memberTemplate(context, remediations)),
    });
    if (!isDelegated(rollout)) protectRole(this, context, rollout);
  }
}

/** Resources that only the management account can create, if the StackSet is in another account. */
export class RoleProtectionStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { context, rollout, ...props }: Omit<OrgRolloutStackProps, 'remediations'>,
  ) {
    super(scope, id, props);
    protectRole(this, context, rollout);
  }
}

function protectRole(
  scope: Construct,
  { partition, securityAccount }: SutureContext,
  { units, protectFindings }: Rollout,
): void {
  new CfnPolicy(scope, 'RoleProtection', {
    name: 'suture-member-role',
    type: 'SERVICE_CONTROL_POLICY',
    description:
      "Only StackSets change Suture's member role, its policies and its boundary. Binds nobody in the management account.",
    targetIds: units,
    content: roleProtection(partition),
  });
  if (!protectFindings) return;
  new CfnPolicy(scope, 'FindingProtection', {
    name: 'suture-finding-status',
    type: 'SERVICE_CONTROL_POLICY',
    description: "Only Security Hub's administrator account changes the status of findings.",
    targetIds: units,
    content: findingProtection(securityAccount),
  });
}

/**
 * Uploads the template as an asset. CloudFormation reads it as the deployer and copies it to StackSets, so that no
 * other account needs the bucket.
 */
function templateProperty(scope: Construct, template: string): { templateBody: string } | { templateUrl: string } {
  if (Buffer.byteLength(template) <= INLINE_LIMIT) return { templateBody: template };
  const folder = mkdtempSync(join(tmpdir(), 'suture-rollout-'));
  try {
    const path = join(folder, 'member-role.template.json');
    writeFileSync(path, template);
    return { templateUrl: new Asset(scope, 'Template', { path }).httpUrl };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
