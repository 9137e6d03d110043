/**
 * The rollout of the member role to all present and future accounts of the chosen units, and of the updater's role to
 * the accounts of its targets: StackSets, and the service control policy that protects the roles. Its account is the management account or a delegated administrator of
 * StackSets.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnStackSet, type CfnStackSetProps, type StackProps } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import { type Names, namesOf } from '../functions/domain/names.ts';
import { rolloutDoctorTrust } from './constructs/doctor.ts';
import { findingProtection } from './constructs/finding-protection.ts';
import { type Allowance, acknowledgeWildcards, statement } from './constructs/role.ts';
import { roleProtection } from './constructs/role-protection.ts';
import type { Rollout, SutureContext } from './context.ts';
import { type IpRangesInstallation, otherAccounts } from './ip-ranges/context.ts';
import { IP_RANGES_ROLE, ipRangesRoleTemplate } from './ip-ranges/member-role.ts';
import { MEMBER_ROLE_DESCRIPTION, memberTemplate } from './member-template.ts';
import { InstallationStack, namesIn } from './names.ts';

/**
 * StackSets accept larger templates only through S3.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const INLINE_LIMIT = 51_200;

/**
 * The pace of a deployment without `suture rollout`. The strict mode, without tolerance, would update one account at a
 * time: a day for a thousand accounts. In this mode, StackSets completes the updates that it runs when an account
 * fails.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
 */
const OPERATION_PREFERENCES: CfnStackSet.OperationPreferencesProperty = {
  maxConcurrentPercentage: 5,
  failureToleranceCount: 0,
  concurrencyMode: 'SOFT_FAILURE_TOLERANCE',
};

export type OrgRolloutStackProps = StackProps & {
  readonly context: SutureContext;
  readonly rollout: Rollout;
  readonly remediations: readonly Remediation[];
  readonly ipRanges?: IpRangesInstallation;
};

export const isDelegated = ({ account, managementAccount }: Rollout): boolean => account !== managementAccount;

export class OrgRolloutStack extends InstallationStack {
  constructor(scope: Construct, id: string, props: OrgRolloutStackProps) {
    super(scope, id, props);
    const { context, rollout, remediations, ipRanges } = props;
    const names = namesIn(this);
    const organizationalUnitIds = rollout.units;
    roleStackSet(this, 'MemberRole', props, {
      stackSetName: names.memberStackSet,
      description: MEMBER_ROLE_DESCRIPTION,
      // Removes the role from accounts that leave the units.
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      operationPreferences: OPERATION_PREFERENCES,
      deploymentTargets: { organizationalUnitIds },
      ...templateProperty(this, memberTemplate(context, remediations), rollout),
    });
    for (const account of otherAccounts(context, ipRanges?.targets ?? [])) {
      if (account === rollout.managementAccount) continue;
      const targets = ipRanges!.targets.filter((target) => target.account === account);
      roleStackSet(this, `IpRangesRole-${account}`, props, {
        stackSetName: names.ipRangesStackSet(account),
        description: IP_RANGES_ROLE,
        autoDeployment: { enabled: false },
        deploymentTargets: { organizationalUnitIds, accounts: [account], accountFilterType: 'INTERSECTION' },
        templateBody: ipRangesRoleTemplate({ context, account, targets }),
      });
    }
    doctorReader(this, context, rollout);
    if (!isDelegated(rollout)) protectRole(this, context, rollout);
  }
}

/** Adds the role with which doctor lists the StackSet's instances: AWS tells only this account about them. */
function doctorReader(scope: Construct, context: SutureContext, { account }: Rollout): void {
  const { partition, homeRegion } = context;
  const names = namesOf(context);
  const allows: Allowance = {
    actions: ['cloudformation:ListStackInstances'],
    on: `arn:${partition}:cloudformation:${homeRegion}:${account}:stackset/${names.memberStackSet}:*`,
    because: 'CloudFormation adds an id to the name of a StackSet',
  };
  const role = new CfnRole(scope, 'Doctor', {
    roleName: names.rolloutDoctorRole,
    path: names.rolePath,
    description: "Assumed by Suture's doctor, from the security account: lists the accounts that have the member role",
    maxSessionDuration: 3600,
    assumeRolePolicyDocument: rolloutDoctorTrust(context),
    policies: [
      {
        policyName: 'permissions',
        policyDocument: { Version: '2012-10-17', Statement: [statement(allows).toStatementJson()] },
      },
    ],
  });
  acknowledgeWildcards(role, allows);
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
export class RoleProtectionStack extends InstallationStack {
  constructor(
    scope: Construct,
    id: string,
    { context, rollout, ...props }: Omit<OrgRolloutStackProps, 'remediations'>,
  ) {
    super(scope, id, { ...props, context });
    protectRole(this, context, rollout);
  }
}

function protectRole(scope: Construct, context: SutureContext, { units, protectFindings }: Rollout): void {
  const names = namesOf(context);
  new CfnPolicy(scope, 'RoleProtection', {
    name: names.own('member-role'),
    type: 'SERVICE_CONTROL_POLICY',
    description:
      "Only StackSets change Suture's member roles, their policies, boundaries and stacks. Binds nobody in the management account.",
    targetIds: units,
    content: roleProtection(context),
  });
  if (!protectFindings) return;
  new CfnPolicy(scope, 'FindingProtection', {
    name: names.own('finding-status'),
    type: 'SERVICE_CONTROL_POLICY',
    description: "Only Security Hub's administrator account changes the status of findings.",
    targetIds: units,
    content: findingProtection(context.securityAccount),
  });
}

type TemplateProperty = { readonly templateBody: string } | { readonly templateUrl: string };

/**
 * A delegated administrator uploads a large template as an asset. CloudFormation reads it as the deployer and copies it to
 * StackSets, so that no other account needs the bucket. The management account has no bootstrap, and so no such bucket.
 */
function templateProperty(scope: Construct, template: string, rollout: Rollout): TemplateProperty {
  if (Buffer.byteLength(template) <= INLINE_LIMIT) return { templateBody: template };
  if (!isDelegated(rollout)) return { templateUrl: uploadedTemplate(template, rollout, namesIn(scope)) };
  const folder = mkdtempSync(join(tmpdir(), 'suture-rollout-'));
  try {
    const path = join(folder, 'member-role.template.json');
    writeFileSync(path, template);
    return { templateUrl: new Asset(scope, 'Template', { path }).httpUrl };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws Error with the commands that upload the template, unless the context names it under its hash */
function uploadedTemplate(template: string, { templateUrl, account }: Rollout, { memberStackSet }: Names): string {
  const name = `${memberStackSet}-${createHash('sha256').update(template).digest('hex').slice(0, 16)}.json`;
  if (templateUrl?.endsWith(`/${name}`)) return templateUrl;
  const size = Buffer.byteLength(template);
  throw new Error(
    `The member role's template has ${size} bytes, and CloudFormation takes ${INLINE_LIMIT} inline. Let a delegated administrator ` +
      `create the StackSet (context.suture.rollout.account), which is bootstrapped; or upload the template to a bucket of ${account}: ` +
      `npm run -s suture -- member-template --output ${name}; aws s3 cp ${name} s3://<bucket>/${name}; and name it in ` +
      `context.suture.rollout.templateUrl, which ${templateUrl === undefined ? 'is missing' : `is "${templateUrl}"`}.`,
  );
}
