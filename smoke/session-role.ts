/**
 * A role of the run in the service account, below the path that the member role trusts. Nobody can assume the roles of
 * the remediations' functions, and changing their trust would change the installation. Only the administrators' role
 * that runs the smoke may assume it, and it may only assume the member role of one account.
 */
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { isNamed } from '../functions/contract/errors.ts';
import { namesOf } from '../functions/domain/names.ts';
import { EXECUTION_TAG, FINDING_TAG, REMEDIATION_TAG } from '../functions/domain/permissions.ts';
import { sourceIdentity } from '../functions/domain/trace.ts';
import { memberRoleArn } from '../stacks/names.ts';
import type { AccountConfig } from './account-config.ts';
import { SMOKE_TAG, type Smoke, smokeName, untilAllowed } from './smoke.ts';
import type { SmokeCreation } from './step.ts';

/** No remediation has this id, so that the member role's policies allow the session nothing. */
const REMEDIATION = 'smoke/trust-of-the-member-role-and-packed-size';
const POLICY_NAME = 'assume-the-member-role';
/** Names of executions have up to 80 characters. */
const EXECUTION = `smoke-${'0123456789'.repeat(7)}`;
const SETTLING_MINUTES = 5;

const iamOf = (smoke: Smoke) => new IAMClient(smoke.config(smoke.context.serviceAccount));

export const SESSION_ROLE: SmokeCreation = {
  what: 'IAM role suture-smoke below /suture/remediation/ in the service account, which may assume the member role of the member account alone',
  async remove(smoke) {
    const [iam, RoleName] = [iamOf(smoke), smokeName(smoke)];
    const role = await iam.send(new GetRoleCommand({ RoleName })).catch(unless('NoSuchEntityException'));
    if (!role) return;
    if (!role.Role?.Tags?.some(({ Key }) => Key === SMOKE_TAG.Key))
      throw new Error(`The role ${RoleName} lacks the tag ${SMOKE_TAG.Key}, so another program may have made it.`);
    const PolicyName = POLICY_NAME;
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })).catch(unless('NoSuchEntityException'));
    await iam.send(new DeleteRoleCommand({ RoleName })).catch(unless('NoSuchEntityException'));
  },
};

/** Returns a handler for `catch` that ignores errors of this name. */
const unless = (name: string) => (error: unknown) => {
  if (!isNamed(error, name)) throw error;
  return undefined;
};

/** Returns the settings of clients with a session of the role. Creates the role if there is none. */
export async function sessionRoleConfig(smoke: Smoke): Promise<AccountConfig> {
  const { context } = smoke;
  const config = smoke.config(context.serviceAccount);
  const sts = new STSClient(config);
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  const RoleArn = await createSessionRole(smoke, roleOf(Arn!));
  const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: smokeName(smoke) });
  const session = await untilAllowed(smoke, 'a session of the role of this run', SETTLING_MINUTES, () =>
    sts.send(command),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = session.Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  return { ...config, credentials };
}

/** Returns patterns for `aws:PrincipalArn`, a session's role. Roles of Identity Center have a path that sessions lack. */
function roleOf(caller: string): string[] {
  const session = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(caller);
  if (!session) return [caller];
  return ['', '*/'].map((path) => `arn:${session[1]}:iam::${session[2]}:role/${path}${session[3]}`);
}

async function createSessionRole(smoke: Smoke, callers: readonly string[]): Promise<string> {
  const { context, member } = smoke;
  const [iam, RoleName] = [iamOf(smoke), smokeName(smoke)];
  const Path = namesOf(context).executionRolePath;
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:${context.partition}:iam::${context.serviceAccount}:root` },
    Action: 'sts:AssumeRole',
    Condition: { ArnLike: { 'aws:PrincipalArn': callers } },
  };
  const role = {
    RoleName,
    Path,
    Description: 'Of npm run smoke:aws, which removes it. Delete it if no run is in progress.',
    AssumeRolePolicyDocument: documentOf(trust),
    Tags: [SMOKE_TAG, { Key: REMEDIATION_TAG, Value: REMEDIATION }],
  };
  await iam.send(new CreateRoleCommand(role)).catch(unless('EntityAlreadyExistsException'));
  const PolicyDocument = documentOf({
    Effect: 'Allow',
    Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
    Resource: memberRoleArn(context, member),
  });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: POLICY_NAME, PolicyDocument }));
  return `arn:${context.partition}:iam::${context.serviceAccount}:role${Path}${RoleName}`;
}

const documentOf = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });

/** Returns a request for a session of the member role like a remediation's, with the longest values of its tags. */
export function memberSessionRequest(smoke: Smoke): AssumeRoleCommandInput {
  const { context, member } = smoke;
  return {
    RoleArn: memberRoleArn(context, member),
    RoleSessionName: smokeName(smoke),
    SourceIdentity: sourceIdentity(EXECUTION),
    ExternalId: context.externalId,
    DurationSeconds: 900,
    Tags: [
      { Key: REMEDIATION_TAG, Value: REMEDIATION },
      { Key: FINDING_TAG, Value: 'ffffffff-ffff-4fff-bfff-ffffffffffff' },
      { Key: EXECUTION_TAG, Value: EXECUTION },
    ],
  };
}

/** Opens the session as soon as the new role is known in all of IAM. */
export function openMemberSession(smoke: Smoke, config: AccountConfig, request = memberSessionRequest(smoke)) {
  const sts = new STSClient(config);
  return untilAllowed(smoke, 'a session of the member role', SETTLING_MINUTES, () =>
    sts.send(new AssumeRoleCommand(request)),
  );
}
