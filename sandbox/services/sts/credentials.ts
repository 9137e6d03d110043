/** Access keys, and who signs with them. */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { iamOf } from '../iam/trust.ts';
import { organizationOf } from '../organizations/look-up.ts';
import { sts } from './index.ts';
import type { CredentialsRecord, StsState } from './state.ts';

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expires: Date;
};

/** New temporary credentials that sign as this principal; nothing is asked: it is for who has decided already. */
export function credentialsFor(kernel: Kernel, principal: Principal, seconds = 3600): Credentials {
  if (principal.kind === 'service') throw new Error(`The service ${principal.service} signs nothing in the sandbox`);
  const accessKeyId = kernel.id('ASIA', 16).toUpperCase();
  const record: CredentialsRecord = {
    principal,
    secretAccessKey: kernel.id('', 40),
    sessionToken: kernel.id('IQoJ', 96),
    expires: new Date(kernel.clock.now() + seconds * 1000),
  };
  stsOf(kernel).credentials.set(accessKeyId, record);
  const { secretAccessKey, sessionToken, expires } = record;
  return { accessKeyId, secretAccessKey, sessionToken, expires };
}

/**
 * Who an access key belongs to, and the secret to verify the signature with. A user's key counts when its account is
 * in the organization.
 * @throws AwsError InvalidClientTokenId for an unknown or inactive key, ExpiredToken
 */
export function principalOf(
  kernel: Kernel,
  accessKeyId: string,
): { readonly principal: Principal; readonly secretAccessKey: string; readonly sessionToken?: string } {
  const temporary = stsOf(kernel).credentials.get(accessKeyId);
  if (temporary) {
    if (temporary.expires.getTime() <= kernel.clock.now()) {
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
    }
    const { principal, secretAccessKey, sessionToken } = temporary;
    return { principal, secretAccessKey, sessionToken };
  }
  return userOfKey(kernel, accessKeyId);
}

/** Keeps when and where a user's key was last used, for GetAccessKeyLastUsed. */
export function noteKeyUse(kernel: Kernel, accessKeyId: string, place: AwsPlace, service: string): void {
  const key = iamOf(kernel, place.account).accessKeys.get(accessKeyId);
  if (key) key.lastUsed = { date: new Date(kernel.clock.now()), service, region: place.region };
}

function userOfKey(kernel: Kernel, accessKeyId: string) {
  for (const account of organizationOf(kernel).accounts.keys()) {
    const state = iamOf(kernel, account);
    const key = state.accessKeys.get(accessKeyId);
    if (!key?.active) continue;
    const { arn, id, name } = state.users.get(key.user)!;
    const principal: Principal = { kind: 'user', arn, account, user: name, userId: id };
    return { principal, secretAccessKey: key.secret };
  }
  throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
}

const stsOf = (kernel: Kernel): StsState =>
  kernel.state(sts, { partition: kernel.partition, account: '', region: 'us-east-1' });
