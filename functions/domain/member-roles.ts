/** The roles of member accounts, as the registry generates them. The member template deploys them, and doctor compares. */
import type { Remediation } from '../contract/remediation.ts';
import { memberRoleBoundary } from './member-role-boundary.ts';
import { type MemberRolePart, memberRoleParts, nameOfPart, trustedByPart } from './member-role-parts.ts';
import { REGIONS_POLICY, regionsPolicy } from './member-role-regions.ts';
import { sessionTrust, type TrustedRoles, type TrustingInstallation } from './member-role-trust.ts';
import { memberRolePolicies, type PolicyDocument } from './permissions.ts';
import type { RoleShape } from './role-shape.ts';
import { readsOwnVersion, versionTags } from './role-version.ts';
import { planStatements } from './write-question.ts';

/** Facts of an installation from which its member roles follow. Names belong to the stacks. */
export type MemberInstallation = {
  readonly installation: TrustingInstallation;
  /** Sessions work in these alone. */
  readonly regions: readonly string[];
  /** The path of roles and policies, such as `/suture/`. */
  readonly path: string;
  /** Tags of every resource. */
  readonly tags: Readonly<Record<string, string>>;
  readonly member: { readonly name: string; readonly trusted: TrustedRoles };
  /** Absent if the installation has no role for responses to threats. */
  readonly response?: { readonly name: string; readonly trusted: TrustedRoles };
  readonly doctor: { readonly name: string; readonly caller: string };
};

export type NamedPolicyDesign = {
  readonly name: string;
  readonly description: string;
  readonly policy: PolicyDocument;
  /** Why its wildcards are as narrow as they can be. */
  readonly because: string;
};

/** A role with pseudo parameters in place of partition and account. */
export type RoleDesign = {
  /** Prefix of logical ids in the template. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly maxSessionSeconds: number;
  readonly trust: object;
  readonly tags: Readonly<Record<string, string>>;
  readonly boundary: NamedPolicyDesign;
  readonly policies: readonly NamedPolicyDesign[];
  /** Documents by name. */
  readonly inline: Readonly<Record<string, object>>;
};

const MAX_SESSION_SECONDS = 3600;

export function memberRoleDesigns(facts: MemberInstallation, remediations: readonly Remediation[]): RoleDesign[] {
  return [
    ...memberRoleParts(remediations).flatMap((part) => {
      const first = part.responds ? facts.response : facts.member;
      return first ? [partDesign(facts, part, first)] : [];
    }),
    doctorRole(facts),
  ];
}

const FUNCTIONS = { false: "Suture's remediation functions", true: "Suture's functions that respond to threats" };

/** The logical ids of `suture-member-response-b` begin with ResponseB. */
const partDesign = (
  facts: MemberInstallation,
  { suffix, responds, remediations }: MemberRolePart,
  { name, trusted }: MemberInstallation['member'],
): RoleDesign =>
  remediating(facts, remediations, {
    id: (responds ? 'Response' : '') + suffix.slice(1).toUpperCase(),
    name: nameOfPart(name, suffix),
    description: `Assumed by ${FUNCTIONS[`${responds}`]}, from the service account`,
    trust: sessionTrust(facts.installation, trustedByPart(trusted, suffix)),
  });

type RoleFacts = Pick<RoleDesign, 'id' | 'name' | 'description' | 'trust'>;

const remediating = (
  { path, tags, regions }: MemberInstallation,
  remediations: readonly Remediation[],
  facts: RoleFacts,
): RoleDesign => ({
  ...facts,
  path,
  tags: { ...tags, ...versionTags(remediations) },
  maxSessionSeconds: MAX_SESSION_SECONDS,
  boundary: {
    name: `${facts.name}-boundary`,
    description: 'The maximum permissions of the member role, whatever policies are attached to it',
    policy: memberRoleBoundary(remediations),
    because: "A boundary over any resource: the role's own policies and each session's policy narrow it",
  },
  policies: memberRolePolicies(remediations, [
    readsOwnVersion(iamArn(`role${path}${facts.name}`)),
    ...planStatements(remediations),
  ]).map((policy, index) => ({
    name: `${facts.name}-${index + 1}`,
    description: 'What remediations may do, each in the sessions that carry its tag',
    policy,
    because:
      "Any finding's resource of the account: each session's policy names the plan's targets, and each module its reasons; CloudTrail's event history has no resources",
  })),
  inline: { [REGIONS_POLICY]: regionsPolicy(regions, remediations) },
});

/**
 * Reads roles of the account and whether Security Hub is on, and nothing else. The role of the doctor function alone may
 * assume it.
 */
function doctorRole({ installation, path, tags, doctor }: MemberInstallation): RoleDesign {
  const because =
    "Any role can be compared over accounts, and each Region has a hub: reads of the account's own settings";
  return {
    id: 'Doctor',
    name: doctor.name,
    path,
    tags,
    description: "Assumed by Suture's doctor, from the service account: reads roles and settings, and writes nothing",
    maxSessionSeconds: MAX_SESSION_SECONDS,
    trust: doctorTrust(installation, doctor.caller),
    boundary: {
      name: `${doctor.name}-boundary`,
      description: 'The maximum permissions of the doctor role, whatever policies are attached to it',
      policy: DOCTOR_READS,
      because,
    },
    policies: [
      {
        name: `${doctor.name}-1`,
        description: 'What the doctor reads',
        policy: DOCTOR_READS,
        because,
      },
    ],
    inline: {},
  };
}

const iamArn = (resource: string) => `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${resource}`;

const DOCTOR_READS: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
      Resource: iamArn('role/*'),
    },
    { Effect: 'Allow', Action: ['iam:GetPolicy', 'iam:GetPolicyVersion'], Resource: iamArn('policy/*') },
    {
      Effect: 'Allow',
      Action: 'securityhub:DescribeHub',
      Resource: 'arn:${AWS::Partition}:securityhub:*:${AWS::AccountId}:hub/default',
    },
    { Effect: 'Allow', Action: 'iam:GetAccountSummary', Resource: '*' },
  ],
};

function doctorTrust({ partition, serviceAccount, callers, externalId }: TrustingInstallation, caller: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Read',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${serviceAccount}:root` },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': caller },
          StringEquals: { ...callers, 'sts:ExternalId': externalId },
        },
      },
    ],
  };
}

/** Returns the role as it is in an account if nobody changed it. */
export function shapeOfDesign(design: RoleDesign, partition: string, account: string): RoleShape {
  const { path, tags, maxSessionSeconds, trust, boundary, policies, inline } = design;
  const filled = <T>(document: T): T =>
    JSON.parse(
      JSON.stringify(document).replaceAll('${AWS::Partition}', partition).replaceAll('${AWS::AccountId}', account),
    );
  const managed = ({ name, policy }: NamedPolicyDesign) => ({
    arn: `arn:${partition}:iam::${account}:policy${path}${name}`,
    document: filled(policy),
  });
  return {
    arn: `arn:${partition}:iam::${account}:role${path}${design.name}`,
    maxSessionSeconds,
    trust: filled(trust),
    boundary: managed(boundary),
    attached: policies.map(managed),
    inline: filled(inline),
    tags,
  };
}
