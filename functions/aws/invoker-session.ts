/** The proxy's way into the service account: one session of the invoker role, cached until shortly before its end. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { errorDescription, isDenial, isNamed, SutureError, toSutureError } from '../contract/errors.ts';
import { FOREIGN_POLICIES, ownDenial } from '../domain/own-denials.ts';
import { environment } from './environment.ts';
import { NAMES } from './installation.ts';

/**
 * The longest that AWS gives to a session that a session opens.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html (role chaining)
 */
const SESSION_SECONDS = 3600;
const RENEWED_BEFORE_MS = 300_000;

/** A session ends when somebody deletes its role, even if somebody creates a role of that name again. */
const ENDED = ['UnrecognizedClientException', 'InvalidClientTokenId', 'ExpiredToken', 'ExpiredTokenException'];

type OpenSession = { readonly lambda: LambdaClient; readonly expiresAtMs: number };

export type InvokerSession = {
  /**
   * Calls with the cached session. If AWS denies the call, it had no effect: `use` repeats it once with a new session.
   * @throws SutureError ConfigurationInvalid if the role cannot be assumed
   */
  readonly use: <R>(call: (lambda: LambdaClient) => Promise<R>) => Promise<R>;
};

export function invokerSession(sts: STSClient): InvokerSession {
  let cached: OpenSession | undefined;
  return {
    use: async (call) => {
      if (cached && Date.now() < cached.expiresAtMs - RENEWED_BEFORE_MS)
        try {
          return await call(cached.lambda);
        } catch (error) {
          if (!isDenial(error) && !isNamed(error, ...ENDED)) throw error;
        }
      cached = await openSession(sts);
      return call(cached.lambda);
    },
  };
}

async function openSession(sts: STSClient): Promise<OpenSession> {
  const { INVOKER_ROLE } = environment('INVOKER_ROLE');
  try {
    const { Credentials: credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: INVOKER_ROLE,
        RoleSessionName: 'suture-proxy',
        DurationSeconds: SESSION_SECONDS,
      }),
    );
    if (!credentials?.AccessKeyId || !credentials.SecretAccessKey || !credentials.Expiration)
      throw new Error('STS answered without credentials');
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials;
    return {
      // A retry would run a remediation twice without the workflow knowing.
      lambda: new LambdaClient({
        maxAttempts: 1,
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      }),
      expiresAtMs: Expiration.getTime(),
    };
  } catch (error) {
    if (!isDenial(error)) throw toSutureError(error, `AssumeRole of ${INVOKER_ROLE}`);
    throw new SutureError(
      'ConfigurationInvalid',
      `${errorDescription(error)}\nThe proxy may not assume ${INVOKER_ROLE}. ${remedyOf(errorDescription(error))}`,
      { cause: error },
    );
  }
}

/** STS names no policy in the text of a denial: a foreign one may be the reason as well. */
function remedyOf(text: string): string {
  const role = ownDenial(text, NAMES)?.role ?? NAMES.proxyRole;
  return `Deploy ${NAMES.stack('Service')} in the service account again: it has the role, which trusts the proxy's. If that does not help, a policy on ${role} denies it: aws iam list-role-policies --role-name ${role} (${FOREIGN_POLICIES}).`;
}
