/**
 * The rollout of the member role to all present and future accounts of the chosen units, and of the updater's role to
 * the accounts of its targets: StackSets, and the service control policy that protects the roles. Its account is the management account or a delegated administrator of
 * StackSets.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnStackSet, type CfnStackSetProps, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import { findingProtection } from './constructs/finding-protection.ts';
import { roleProtection } from './constructs/role-protection.ts';
import type { Rollout, SutureContext } from './context.ts';
import { type IpRangesInstallation, otherAccounts } from './ip-ranges/context.ts';
import { IP_RANGES_ROLE, ipRangesRoleTemplate } from './ip-ranges/member-role.ts';
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
  readonly ipRanges?: IpRangesInstallation;
};

export const isDelegated = ({ account, managementAccount }: Rollout): boolean => account !== managementAccount;

export class OrgRolloutStack extends Stack {
  constructor(scope: Construct, id: string, props: OrgRolloutStackProps) {
    super(scope, id, props);
    const { context, rollout, remediations, ipRanges } = props;
    const organizationalUnitIds = rollout.units;
    roleStackSet(this, 'MemberRole', props, {
      stackSetName: 'suture-member-role',
      description: MEMBER_ROLE_DESCRIPTION,
      // Removes the role from accounts that leave the units.
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      // Tolerates one failing account; more failures indicate an error in the template.
      operationPreferences: {
        failureTolerancePercentage: 10,
        maxConcurrentPercentage: 100,
        concurrencyMode: 'SOFT_FAILURE_TOLERANCE',
      },
      deploymentTargets: { organizationalUnitIds },
      ...templateProperty(this, memberTemplate(context, remediations)),
    });
    for (const account of otherAccounts(context, ipRanges?.targets ?? [])) {
      if (account === rollout.managementAccount) continue;
      const targets = ipRanges!.targets.filter((target) => target.account === account);
      roleStackSet(this, `IpRangesRole-${account}`, props, {
        stackSetName: `suture-ip-ranges-role-${account}`,
        description: IP_RANGES_ROLE,
        autoDeployment: { enabled: false },
        deploymentTargets: { organizationalUnitIds, accounts: [account], accountFilterType: 'INTERSECTION' },
        templateBody: ipRangesRoleTemplate({ context, account, targets }),
      });
    }
    if (!isDelegated(rollout)) protectRole(this, context, rollout);
  }
}

type RoleStackSet = Omit<CfnStackSetProps, 'permissionModel' | 'stackInstancesGroup'> & {
  readonly deploymentTargets: CfnStackSet.DeploymentTargetsProperty;
};

function roleStackSet(
  scope: Construct,
  id: string,
  { rollout, context }: OrgRolloutStackProps,
  { deploymentTargets, ...options }: RoleStackSet,
): void {
  new CfnStackSet(scope, id, {
    ...options,
    permissionModel: 'SERVICE_MANAGED',
    callAs: isDelegated(rollout) ? 'DELEGATED_ADMIN' : 'SELF',
    capabilities: ['CAPABILITY_NAMED_IAM'],
    managedExecution: { Active: true },
    // IAM is global: one Region is enough.
    stackInstancesGroup: [{ deploymentTargets, regions: [context.homeRegion] }],
  });
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
      "Only StackSets change Suture's member roles, their policies and their boundaries. Binds nobody in the management account.",
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
