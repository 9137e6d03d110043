import type * as sdk from '@aws-sdk/client-sts';
import { AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { iamStateOf } from '../iam/state.ts';
import { assumeRoleNeed, createSession, findRole } from './assume.ts';
import { type AssumeRoleRequest, parseAssumeRoleRequest, sessionSeconds } from './assume-role-request.ts';
import { issueCredentials, type TemporaryCredentials } from './credentials.ts';
import { recordAssumeRole } from './recorded.ts';
import type { StsAt, StsState } from './state.ts';

type AssumeRoleInput = sdk.AssumeRoleCommandInput;

const describeCredentials = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expires,
}: TemporaryCredentials): sdk.Credentials => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  SessionToken: sessionToken,
  Expiration: expires,
});

/**
 * AssumeRole, SetSourceIdentity and TagSession are authorized separately, each with the context of the whole request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
function assumeNeeds(input: AssumeRoleInput, at: StsAt): Need[] {
  const request = parseAssumeRoleRequest(input, at);
  const context = {
    'sts:RoleSessionName': request.sessionName,
    ...(input.ExternalId !== undefined && { 'sts:ExternalId': input.ExternalId }),
    ...(request.sourceIdentity !== undefined && { 'sts:SourceIdentity': request.sourceIdentity }),
    ...(request.transitiveTags.length > 0 && { 'sts:TransitiveTagKeys': request.transitiveTags }),
    ...tagContext(request),
    // The code authenticates the request, not the session: the session has no MFA context.
    ...(verifyMfa(input, at) && { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '0' }),
  };
  const actions = ['sts:AssumeRole'];
  if (request.sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
  if (Object.keys(request.tags).length > 0) actions.push('sts:TagSession');
  return actions.map((action) => assumeRoleNeed(at.kernel, action, request.roleArn, context));
}

function tagContext({ tags }: AssumeRoleRequest): Record<string, string | string[]> {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  return {
    ...Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, tags[key]!])),
    'aws:TagKeys': keys,
  };
}

function assumeRole(input: AssumeRoleInput, at: StsAt): Omit<sdk.AssumeRoleCommandOutput, '$metadata'> {
  const request = parseAssumeRoleRequest(input, at);
  const role = findRole(at.kernel, request.roleArn)!;
  const seconds = sessionSeconds(input.DurationSeconds, role, at.principal);
  const session = createSession(at.kernel, role, request.sessionName, {
    sessionTags: request.tags,
    ...(request.sourceIdentity !== undefined && { sourceIdentity: request.sourceIdentity }),
    ...(request.policy && { sessionPolicy: request.policy }),
    ...(request.transitiveTags.length > 0 && { transitiveTags: request.transitiveTags }),
  });
  const answer = {
    Credentials: describeCredentials(issueCredentials(at.kernel, session, seconds)),
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    ...(request.packedSizePercent > 0 && { PackedPolicySize: request.packedSizePercent }),
    ...(request.sourceIdentity !== undefined && { SourceIdentity: request.sourceIdentity }),
  };
  recordAssumeRole(input, answer, at);
  return answer;
}

export const stsOperations: ServiceOperations<typeof sdk, StsState> = {
  AssumeRole: {
    needs: assumeNeeds,
    run: assumeRole,
    quota: { rate: 600, burst: 600 },
  },
  GetCallerIdentity: {
    // No permissions are required: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    needs: () => [],
    run(_input, { principal }) {
      if (principal.kind === 'service')
        throw new Error(`GetCallerIdentity has no answer for the service ${principal.service}`);
      const UserId = principal.kind === 'root' ? principal.account : principal.userId;
      return { UserId, Account: principal.account, Arn: principal.arn };
    },
  },
  GetSessionToken: {
    needs: () => [],
    run(input, at) {
      const { principal } = at;
      if (principal.kind !== 'user')
        throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
      const seconds = input.DurationSeconds ?? 43_200;
      if (seconds < 900 || seconds > 129_600)
        throw new AwsError('ValidationError', 'DurationSeconds must be between 900 and 129600.');
      const session = verifyMfa(input, at) ? { ...principal, mfaAt: at.kernel.clock.now() } : principal;
      return { Credentials: describeCredentials(issueCredentials(at.kernel, session, seconds)) };
    },
  },
};

type MfaInput = { SerialNumber?: string | undefined; TokenCode?: string | undefined };

/**
 * Any six digits are a valid code of the caller's MFA device.
 * @throws AwsError AccessDenied for a device that the caller does not have, or an invalid code
 */
function verifyMfa({ SerialNumber, TokenCode }: MfaInput, { kernel, principal }: StsAt): boolean {
  if (SerialNumber === undefined && TokenCode === undefined) return false;
  const devices =
    principal.kind === 'user' ? iamStateOf(kernel, principal.account).users.get(principal.user)?.mfaDevices : undefined;
  if (devices?.has(SerialNumber ?? '') && /^\d{6}$/.test(TokenCode ?? '')) return true;
  const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code. ';
  throw new AwsError('AccessDenied', message, 403);
}
