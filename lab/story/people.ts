/**
 * The people of the sandbox: one IAM user for each of Suture's roles, with an MFA device, and profiles of the AWS
 * configuration that assume these roles, as docs/operate.md describes it.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { PERSON_NAMES, type Person } from '../../stacks/constructs/people-permissions.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { RunningOrganization } from '../organization/organization.ts';

type Organization = Pick<RunningOrganization, 'sandbox' | 'context'>;
export type SessionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
};
export type SandboxPerson = {
  readonly person: Person;
  /** Valid for an hour, as the role allows. */
  readonly session: SessionCredentials;
};
export type SandboxPeople = {
  readonly people: readonly SandboxPerson[];
  readonly configFile: string;
  readonly credentialsFile: string;
  /** Differs from every other run's, so that the AWS CLI takes no session out of its cache for one of this run. */
  readonly run: string;
};

/** The sandbox accepts any six digits, as it has no clock of a device. */
export const MFA_CODE = '123456';

export async function createPeople(organization: Organization): Promise<SandboxPeople> {
  const run = randomBytes(4).toString('hex');
  const users = await Promise.all(PERSON_NAMES.map((person) => createUser(organization, person, run)));
  const folder = await mkdtemp(join(tmpdir(), 'suture-sandbox-'));
  removeAtExit(folder);
  const [configFile, credentialsFile] = [join(folder, 'config'), join(folder, 'credentials')];
  await writeFile(configFile, users.map((user) => profileText(organization, user)).join('\n'), { mode: 0o600 });
  await writeFile(credentialsFile, users.map(keyText).join('\n'), { mode: 0o600 });
  const people = await Promise.all(
    users.map(async (user) => ({ person: user.person, session: await assume(organization, user) })),
  );
  return { people, configFile, credentialsFile, run };
}

/** Removes a folder however the process ends, except by a signal that it cannot handle. */
export const removeAtExit = (folder: string): void => {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
};

type User = {
  readonly person: Person;
  readonly name: string;
  readonly role: string;
  readonly device: string;
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** Creates a user who may assume the role of one person, and nothing else. */
async function createUser({ sandbox, context }: Organization, person: Person, run: string): Promise<User> {
  const { partition, securityAccount } = context;
  const iam = new IAMClient(sandbox.administrator(securityAccount));
  const UserName = `sandbox-${person}`;
  const role = `arn:${partition}:iam::${securityAccount}:role${LAB_NAMES.peoplePath}${LAB_NAMES.person(person)}`;
  const Statement = [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role }];
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new PutUserPolicyCommand({
      ...{ UserName, PolicyName: 'own' },
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  // The role demands the user's name as the session's, but no name of the device.
  const VirtualMFADeviceName = `${UserName}-${run}`;
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName }));
  const device = VirtualMFADevice!.SerialNumber!;
  const codes = { AuthenticationCode1: MFA_CODE, AuthenticationCode2: '654321' };
  await iam.send(new EnableMFADeviceCommand({ UserName, SerialNumber: device, ...codes }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const key = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { person, name: UserName, role, device, key };
}

async function assume({ sandbox, context }: Organization, user: User): Promise<SessionCredentials> {
  const { role: RoleArn, name: RoleSessionName, device: SerialNumber, key } = user;
  const sts = new STSClient({ ...sandbox.administrator(context.securityAccount), credentials: key });
  const input = { RoleArn, RoleSessionName, SerialNumber, TokenCode: MFA_CODE };
  const { AccessKeyId, SecretAccessKey, SessionToken } = (await sts.send(new AssumeRoleCommand(input))).Credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}

const profileText = ({ context }: Organization, { person, name, role, device }: User): string => `[profile ${name}]
region = ${context.homeRegion}

[profile ${LAB_NAMES.person(person)}]
region            = ${context.homeRegion}
source_profile    = ${name}
role_arn          = ${role}
role_session_name = ${name}
mfa_serial        = ${device}
`;

const keyText = ({ name, key }: User): string => `[${name}]
aws_access_key_id     = ${key.accessKeyId}
aws_secret_access_key = ${key.secretAccessKey}
`;
