import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { iamStateOf } from '../iam/state.ts';
import { organizationState } from '../organizations/look-up.ts';
import { type CredentialsRecord, STS, type StsState } from './state.ts';

export type TemporaryCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expires: Date;
};

/** Issues credentials of a principal. The caller of this function authorizes the request. */
export function issueCredentials(kernel: Kernel, principal: Principal, seconds = 3600): TemporaryCredentials {
  if (principal.kind === 'service') throw new Error(`The service ${principal.service} signs nothing in the sandbox`);
  const accessKeyId = kernel.id('ASIA', 16).toUpperCase();
  const record: CredentialsRecord = {
    principal,
    secretAccessKey: kernel.id('', 40),
    sessionToken: kernel.id('IQoJ', 96),
    expires: new Date(kernel.clock.now() + seconds * 1000),
  };
  stsState(kernel).credentials.set(accessKeyId, record);
  const { secretAccessKey, sessionToken, expires } = record;
  return { accessKeyId, secretAccessKey, sessionToken, expires };
}

/**
 * Returns the principal of an access key, and the secret for verifying signatures. A user's key is valid only if the
 * account is in the organization.
 * @throws AwsError InvalidClientTokenId for an unknown or inactive key, ExpiredToken
 */
export function principalOfKey(
  kernel: Kernel,
  accessKeyId: string,
): { readonly principal: Principal; readonly secretAccessKey: string; readonly sessionToken?: string } {
  const temporary = stsState(kernel).credentials.get(accessKeyId);
  if (temporary) {
    if (temporary.expires.getTime() <= kernel.clock.now())
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
    const { principal, secretAccessKey, sessionToken } = temporary;
    return { principal, secretAccessKey, sessionToken };
  }
  return principalOfUserKey(kernel, accessKeyId);
}

export function recordKeyUse(kernel: Kernel, accessKeyId: string, place: AwsPlace, service: string): void {
  const key = iamStateOf(kernel, place.account).accessKeys.get(accessKeyId);
  if (key) key.lastUsed = { date: new Date(kernel.clock.now()), service, region: place.region };
}

function principalOfUserKey(kernel: Kernel, accessKeyId: string) {
  for (const account of organizationState(kernel).accounts.keys()) {
    const state = iamStateOf(kernel, account);
    const key = state.accessKeys.get(accessKeyId);
    if (!key?.active) continue;
    const { arn, id, name } = state.users.get(key.user)!;
    const principal: Principal = { kind: 'user', arn, account, user: name, userId: id };
    return { principal, secretAccessKey: key.secret };
  }
  throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
}

const stsState = (kernel: Kernel): StsState =>
  kernel.state(STS, { partition: kernel.partition, account: '', region: 'us-east-1' });
