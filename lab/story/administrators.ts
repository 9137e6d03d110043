/** Administrators of the sandbox's accounts, and profiles of the AWS configuration for those of its members. */
import { appendFile } from 'node:fs/promises';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Sandbox } from '../../sandbox/index.ts';
import { MANAGEMENT_ACCOUNT, type MemberAccount, type RunningOrganization } from '../organization/organization.ts';
import type { SandboxPeople, SessionCredentials } from './people.ts';

type Organization = Pick<RunningOrganization, 'sandbox' | 'context'>;

const CREDENTIALS_VALID_SECONDS = 12 * 3600;
const ADMINISTRATOR_ROLE = 'SandboxAdministrator';
export const SOURCE_PROFILE = 'sandbox-administrator';
export const MANAGEMENT_PROFILE = 'management';
export const SERVICE_PROFILE = 'suture-service';

export function administratorCredentials({ kernel }: Sandbox, account: string): SessionCredentials {
  const credentials = kernel.credentials(kernel.administrator!(account), CREDENTIALS_VALID_SECONDS);
  return { ...credentials, sessionToken: credentials.sessionToken ?? '' };
}

/** Gives each member account a role with every permission, and a profile of the account's name that assumes it. */
export async function addAdministratorProfiles(
  organization: Organization,
  { configFile, credentialsFile, run }: Pick<SandboxPeople, 'configFile' | 'credentialsFile' | 'run'>,
  members: readonly MemberAccount[],
): Promise<void> {
  const { sandbox, context } = organization;
  for (const member of members) {
    const role = await createRole(organization, member.id);
    await appendFile(configFile, memberProfile(context.homeRegion, member, role, run));
  }
  // Creates the role that the management account's administrator assumes in the account of the rollout.
  if (context.rollout) administratorCredentials(sandbox, context.rollout.account);
  const keys = [
    [SOURCE_PROFILE, context.securityAccount],
    [SERVICE_PROFILE, context.serviceAccount],
    [MANAGEMENT_PROFILE, MANAGEMENT_ACCOUNT],
  ] as const;
  for (const [profile, account] of keys)
    await appendFile(credentialsFile, keyText(profile, administratorCredentials(sandbox, account)));
}

const keyText = (profile: string, key: SessionCredentials): string => `
[${profile}]
aws_access_key_id     = ${key.accessKeyId}
aws_secret_access_key = ${key.secretAccessKey}
aws_session_token     = ${key.sessionToken}
`;

/** Returns the ARN of the role, which the security account trusts. */
async function createRole({ sandbox, context }: Organization, account: string): Promise<string> {
  const iam = new IAMClient(sandbox.administrator(account));
  const Principal = { AWS: `arn:${context.partition}:iam::${context.securityAccount}:root` };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: ADMINISTRATOR_ROLE, AssumeRolePolicyDocument }));
  const PolicyArn = `arn:${context.partition}:iam::aws:policy/AdministratorAccess`;
  await iam.send(new AttachRolePolicyCommand({ RoleName: ADMINISTRATOR_ROLE, PolicyArn }));
  return Role!.Arn!;
}

const memberProfile = (region: string, { name }: MemberAccount, role: string, run: string): string => `
[profile ${name}]
region            = ${region}
source_profile    = ${SOURCE_PROFILE}
role_arn          = ${role}
role_session_name = sandbox-${run}
`;
