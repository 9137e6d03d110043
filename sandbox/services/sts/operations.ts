/** STS's operations. */
import type * as sdk from '@aws-sdk/client-sts';
import { type At, AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { iamOf } from '../iam/trust.ts';
import { assumeNeed, roleAt, sessionOf } from './assume.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import { duration, type Requested, readRequest } from './request.ts';
import type { StsState } from './state.ts';

type StsAt = At<StsState>;
type AssumeRoleInput = sdk.AssumeRoleCommandInput;

const shown = ({ accessKeyId, secretAccessKey, sessionToken, expires }: Credentials): sdk.Credentials => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  SessionToken: sessionToken,
  Expiration: expires,
});

/**
 * AssumeRole, SetSourceIdentity and TagSession are decided each on its own, all seeing the same request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
function assumeNeeds(input: AssumeRoleInput, at: StsAt): Need[] {
  const requested = readRequest(input, at);
  const context = {
    'sts:RoleSessionName': requested.sessionName,
    ...(input.ExternalId !== undefined && { 'sts:ExternalId': input.ExternalId }),
    ...(requested.sourceIdentity !== undefined && { 'sts:SourceIdentity': requested.sourceIdentity }),
    ...(requested.transitiveTags.length > 0 && { 'sts:TransitiveTagKeys': requested.transitiveTags }),
    ...tagContext(requested),
    // The request is authenticated with the code; what comes of it is not: the session carries no MFA.
    ...(withMfa(input, at) && { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '0' }),
  };
  const actions = ['sts:AssumeRole'];
  if (requested.sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
  if (Object.keys(requested.tags).length > 0) actions.push('sts:TagSession');
  return actions.map((action) => assumeNeed(at.kernel, action, requested.roleArn, context));
}

function tagContext({ tags }: Requested): Record<string, string | string[]> {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  return {
    ...Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, tags[key]!])),
    'aws:TagKeys': keys,
  };
}

function assumeRole(input: AssumeRoleInput, at: StsAt): Omit<sdk.AssumeRoleCommandOutput, '$metadata'> {
  const requested = readRequest(input, at);
  const role = roleAt(at.kernel, requested.roleArn)!;
  const seconds = duration(input.DurationSeconds, role, at.principal);
  const session = sessionOf(at.kernel, role, requested.sessionName, {
    sessionTags: requested.tags,
    ...(requested.sourceIdentity !== undefined && { sourceIdentity: requested.sourceIdentity }),
    ...(requested.policy && { sessionPolicy: requested.policy }),
    ...(requested.transitiveTags.length > 0 && { transitiveTags: requested.transitiveTags }),
  });
  return {
    Credentials: shown(credentialsFor(at.kernel, session, seconds)),
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    ...(requested.packedSize > 0 && { PackedPolicySize: requested.packedSize }),
    ...(requested.sourceIdentity !== undefined && { SourceIdentity: requested.sourceIdentity }),
  };
}

export const stsOperations: ServiceOperations<typeof sdk, StsState> = {
  AssumeRole: {
    needs: assumeNeeds,
    run: assumeRole,
    quota: { rate: 600, burst: 600, error: 'Throttling' },
  },
  GetCallerIdentity: {
    // No policy is asked: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    needs: () => [],
    run(_input, { principal }) {
      if (principal.kind === 'service') throw new Error('A service does not ask who it is');
      const UserId = principal.kind === 'root' ? principal.account : principal.userId;
      return { UserId, Account: principal.account, Arn: principal.arn };
    },
  },
  GetSessionToken: {
    needs: () => [],
    run(input, at) {
      const { principal } = at;
      if (principal.kind !== 'user') {
        throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
      }
      const seconds = input.DurationSeconds ?? 43_200;
      if (seconds < 900 || seconds > 129_600) {
        throw new AwsError('ValidationError', 'DurationSeconds must be between 900 and 129600.');
      }
      const session = withMfa(input, at) ? { ...principal, mfaAt: at.kernel.clock.now() } : principal;
      return { Credentials: shown(credentialsFor(at.kernel, session, seconds)) };
    },
  },
};

type MfaInput = { SerialNumber?: string | undefined; TokenCode?: string | undefined };

/**
 * Whether a request brings a code of the caller's device; any six digits are one.
 * @throws AwsError AccessDenied for a device that the caller does not have, or what is no code
 */
function withMfa({ SerialNumber, TokenCode }: MfaInput, { kernel, principal }: StsAt): boolean {
  if (SerialNumber === undefined && TokenCode === undefined) return false;
  const devices =
    principal.kind === 'user' ? iamOf(kernel, principal.account).users.get(principal.user)?.mfaDevices : undefined;
  if (devices?.has(SerialNumber ?? '') && /^\d{6}$/.test(TokenCode ?? '')) return true;
  const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code. ';
  throw new AwsError('AccessDenied', message, 403);
}
