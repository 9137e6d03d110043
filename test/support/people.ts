import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { PEOPLE_PATH, personName } from './names.ts';
import type { Pipeline } from './pipeline.ts';

export type RoleStatement = { readonly Action: string | readonly string[]; readonly Resource: string };

/** Creates a role with these permissions. Returns a function that assumes it under a session name. */
export async function createPersonRole(
  { sandbox, context }: Pipeline,
  RoleName: string,
  statements: readonly RoleStatement[],
  account = context.securityAccount,
): Promise<(name: string) => Promise<ClientSettings>> {
  const root = `arn:${context.partition}:iam::${account}:root`;
  const iam = new IAMClient(sandbox.administrator(account));
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document([trust(root)]) }));
  const allowed = statements.map((each) => ({ Effect: 'Allow', ...each }));
  const PolicyDocument = document(allowed);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  const RoleArn = `arn:${context.partition}:iam::${account}:role/${RoleName}`;
  return async (RoleSessionName) => {
    const sts = new STSClient(sandbox.administrator(account));
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
    return { ...sandbox.administrator(account), credentials };
  };
}

const document = (Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const trust = (AWS: string) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' });

const MFA_CODE = '123456';

/**
 * The user has MFA and may assume every role that trusts the account. Returns a function that assumes one of Suture's
 * roles for people, under the user's name.
 */
export async function createPerson(
  { sandbox, context }: Pick<Pipeline, 'sandbox' | 'context'>,
  UserName: string,
): Promise<(person: Person) => Promise<ClientSettings>> {
  const settings = sandbox.administrator(context.securityAccount);
  const iam = new IAMClient(settings);
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: UserName }));
  const SerialNumber = VirtualMFADevice!.SerialNumber!;
  const codes = { AuthenticationCode1: MFA_CODE, AuthenticationCode2: '654321' };
  await iam.send(new EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return async (person) => {
    const RoleArn = `arn:${context.partition}:iam::${context.securityAccount}:role${PEOPLE_PATH}${personName(person)}`;
    const input = { RoleArn, RoleSessionName: UserName, SerialNumber, TokenCode: MFA_CODE };
    const { Credentials } = await new STSClient({ ...settings, credentials: keys }).send(new AssumeRoleCommand(input));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
    return { ...settings, credentials };
  };
}
