/** Sessions of doctor in member accounts, and what it reads in them. */
import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { EXECUTION_TAG, FINDING_TAG, REMEDIATION_TAG } from '../../domain/permissions.ts';
import { sourceIdentity } from '../../domain/trace.ts';
import { readHub } from './organization.ts';
import { readRole, readSummary } from './role-shapes.ts';

export type DoctorRoles = {
  readonly partition: string;
  /** Path and name. */
  readonly doctor: string;
  readonly member: string;
  readonly externalId: string;
  /** Value of the remediation tag of the function's role: no remediation has it, so its sessions may do nothing. */
  readonly tag: string;
};

const SESSION_SECONDS = 900;
const CLIENT_OPTIONS = { maxAttempts: 6 };

/** Opens a session of the doctor's role, and returns what it reads. */
export async function accountReads(
  sts: STSClient,
  roles: DoctorRoles,
  account: string,
  settings: Pick<IAMClientConfig, 'endpoint' | 'region' | 'requestHandler'> = {},
) {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn(roles, account, roles.doctor),
      RoleSessionName: 'suture-doctor',
      ExternalId: roles.externalId,
      DurationSeconds: SESSION_SECONDS,
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  const iam = new IAMClient({ ...settings, ...CLIENT_OPTIONS, credentials });
  return {
    role: (name: string) => readRole(iam, name),
    hub: (region: string) => readHub(new SecurityHubClient({ ...settings, ...CLIENT_OPTIONS, credentials, region })),
    attachedPoliciesQuota: async () => (await readSummary(iam)).AttachedPoliciesPerRoleQuota ?? 0,
  };
}

const DENY_ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
});

/** Opens a session of the member role as a remediation does, and uses it for nothing: its policy denies everything. */
export async function assumeMember(sts: STSClient, roles: DoctorRoles, account: string, run: string): Promise<void> {
  await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn(roles, account, roles.member),
      RoleSessionName: 'suture-doctor',
      SourceIdentity: sourceIdentity(run),
      ExternalId: roles.externalId,
      DurationSeconds: SESSION_SECONDS,
      Policy: DENY_ALL,
      Tags: [
        { Key: REMEDIATION_TAG, Value: roles.tag },
        { Key: FINDING_TAG, Value: roles.tag },
        { Key: EXECUTION_TAG, Value: run },
      ],
    }),
  );
}

const roleArn = ({ partition }: DoctorRoles, account: string, role: string) =>
  `arn:${partition}:iam::${account}:role/${role}`;
