import { fromIni } from '@aws-sdk/credential-provider-ini';
import { NO_CREDENTIALS } from '../errors/explain-error.ts';
import { Unreachable } from '../errors/unreachable.ts';

/**
 * Returns the error of the profile in use, if no source of the SDK gave credentials: the SDK tries one after the other, and
 * keeps the profile's own error to itself. Returns every other error as it is.
 */
export async function withProfileError(error: unknown): Promise<unknown> {
  const { AWS_PROFILE: profile } = process.env;
  if (!profile || !(error instanceof Error) || !error.message.startsWith(NO_CREDENTIALS)) return error;
  const own: unknown = await fromIni({ profile, ignoreCache: true })().catch((each: unknown) => each);
  if (!(own instanceof Error)) return error;
  // Node repeats the command line before what the program wrote.
  const message = own.message.replace(/^Command failed: .*\n/, '').trim();
  const next = /expired/i.test(message)
    ? 'Begin a new session there, then run the command again.'
    : 'Run the credential_process of the profile by hand, or see docs/operate.md#install-and-sign-in.';
  return new Unreachable(`The profile "${profile}" gives no credentials: ${message.replace(/\.$/, '')}. ${next}`);
}
