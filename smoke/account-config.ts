/** Credentials for each account: the caller's own, or those of the administrators' role that the caller may assume. */
import { AssumeRoleCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { Unreachable } from '../cli/errors/unreachable.ts';
import { errorDescription } from '../functions/contract/errors.ts';

export type AccountConfig = Pick<STSClientConfig, 'endpoint' | 'requestHandler' | 'credentials' | 'region'>;

export type AccountAccess = {
  readonly partition: string;
  readonly region: string;
  /** Name of the role in the accounts other than the caller's. */
  readonly role: string;
  /** Account of the caller. */
  readonly account: string;
  /** Default: the environment's. */
  readonly aws?: AccountConfig;
  readonly now: () => number;
};

const SESSION_NAME = 'suture-smoke';
/** A session with less time left is replaced. */
const MIN_REMAINING_MS = 5 * 60_000;

/**
 * Returns the settings of an account's clients. Sessions are renewed: a run may take longer than the hour of a session.
 */
export function accountConfigs(access: AccountAccess): (account: string, region?: string) => AccountConfig {
  const { aws = {}, ...own } = access;
  const known = new Map<string, AccountConfig['credentials']>();
  return (account, region = own.region) => {
    if (account === own.account) return { ...aws, region };
    const credentials = known.get(account) ?? assumedCredentials(access, account);
    known.set(account, credentials);
    return { ...aws, region, credentials };
  };
}

function assumedCredentials({ aws, partition, region, role, now }: AccountAccess, account: string) {
  const RoleArn = `arn:${partition}:iam::${account}:role/${role}`;
  let session: { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: Date } | undefined;
  return async () => {
    if (session && session.expiration.getTime() - now() > MIN_REMAINING_MS) return session;
    const sts = new STSClient({ ...aws, region });
    const { Credentials } = await sts
      .send(new AssumeRoleCommand({ RoleArn, RoleSessionName: SESSION_NAME }))
      .catch((error) => {
        throw new Unreachable(
          `${RoleArn} could not be assumed: ${errorDescription(error)}. Give --role: the name of a role with administrator's permissions in each account, which these credentials may assume.`,
        );
      });
    session = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
      expiration: Credentials!.Expiration!,
    };
    return session;
  };
}
