/** People of the security account who sign as sessions of roles. */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { Pipeline } from './pipeline.ts';

export type RoleStatement = { readonly Action: string | readonly string[]; readonly Resource: string };

/** Creates a role in an account. Returns a function that assumes it under a session name. */
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
