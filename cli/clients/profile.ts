/**
 * Profiles of the AWS configuration. The SDK resolves them by itself, but has nobody to ask for the code of an MFA
 * device (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html#cli-configure-role-mfa).
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetCallerIdentityCommand, STSClient, STSServiceException } from '@aws-sdk/client-sts';
import { fromIni } from '@aws-sdk/credential-provider-ini';
import { loadSharedConfigFiles } from '@smithy/core/config';
import * as z from 'zod';
import { Unreachable } from '../errors/unreachable.ts';
import { jsonOrUndefined } from '../input/json-or-undefined.ts';
import { askMfaCode } from '../output/ask-mfa-code.ts';
import { regionProblem } from './known-region.ts';

/** A cached session that ends sooner is not reused: the command may take this long. */
const MIN_REMAINING_MS = 5 * 60_000;

const Session = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiration: z.coerce.date(),
});
type Session = z.infer<typeof Session>;

/**
 * Makes the SDK clients of this process use a profile. If it needs an MFA code, asks for it, and keeps the session in
 * `~/.aws/suture`, as the AWS CLI does in `~/.aws/cli/cache`, so that the next command needs no code.
 * @throws Unreachable if the profile does not exist, or AWS refuses the code
 */
export async function useProfile(profile: string, askCode: (device: string) => Promise<string> = askMfaCode) {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const settings = { ...credentialsFile[profile], ...configFile[profile] };
  if (!configFile[profile] && !credentialsFile[profile]) throw unknownProfile(profile, [configFile, credentialsFile]);
  process.env.AWS_PROFILE = profile;
  const problem = process.env.AWS_REGION || !settings.region ? undefined : regionProblem(settings.region);
  if (problem)
    throw new Unreachable(`${problem} Correct the region of the profile "${profile}", or give --home-region.`);
  if (!settings.mfa_serial) return;
  const session = (await cachedSession(settings)) ?? (await newSession(profile, settings, askCode));
  process.env.AWS_ACCESS_KEY_ID = session.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = session.secretAccessKey;
  process.env.AWS_SESSION_TOKEN = session.sessionToken;
  if (settings.region) process.env.AWS_REGION ??= settings.region;
  // The SDK would prefer the profile to these credentials.
  delete process.env.AWS_PROFILE;
}

type ProfileSettings = Readonly<Record<string, string | undefined>>;

async function newSession(
  profile: string,
  settings: ProfileSettings,
  mfaCodeProvider: (device: string) => Promise<string>,
): Promise<Session> {
  await requireReachableAws(settings);
  try {
    const credentials = await fromIni({ profile, mfaCodeProvider, ignoreCache: true })();
    const session = Session.parse(credentials);
    await mkdir(dirname(sessionFile(settings)), { recursive: true, mode: 0o700 });
    await writeFile(sessionFile(settings), JSON.stringify(session), { mode: 0o600 });
    return session;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('MultiFactorAuthentication')) throw error;
    throw new Unreachable(
      `AWS refused the code of ${settings.mfa_serial}. Wait for the next code: each is accepted once. AWS says: ${error.message}`,
    );
  }
}

/** Calls STS before the person types a code, which counts once. @throws the SDK's error if nothing answers */
async function requireReachableAws({ region, endpoint_url: endpoint }: ProfileSettings): Promise<void> {
  const sts = new STSClient({
    region: process.env.AWS_REGION || region || 'us-east-1',
    ...(endpoint && !process.env.AWS_ENDPOINT_URL && { endpoint }),
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  });
  try {
    await sts.send(new GetCallerIdentityCommand({}));
  } catch (error) {
    // AWS answers that it does not know the credentials.
    if (!(error instanceof STSServiceException)) throw error;
  }
}

async function cachedSession(settings: ProfileSettings): Promise<Session | undefined> {
  const text = await readFile(sessionFile(settings), 'utf8').catch(() => 'null');
  const session = Session.safeParse(jsonOrUndefined(text)).data;
  return session && session.expiration.getTime() > Date.now() + MIN_REMAINING_MS ? session : undefined;
}

/** Returns a file for these settings: another role, device or endpoint has another one. */
function sessionFile(settings: ProfileSettings): string {
  const facts = JSON.stringify([process.env.AWS_ENDPOINT_URL, Object.entries(settings).sort()]);
  return join(homedir(), '.aws', 'suture', `${createHash('sha256').update(facts).digest('hex').slice(0, 32)}.json`);
}

function unknownProfile(profile: string, files: readonly object[]): Unreachable {
  const names = [...new Set(files.flatMap(Object.keys))].sort();
  const known =
    names.length > 0
      ? `There are: ${names.join(', ')}.`
      : 'The AWS configuration has no profile: docs/operate.md#install-and-sign-in. For the sandbox, export what npm run sandbox prints.';
  return new Unreachable(`There is no profile "${profile}" in the AWS configuration. ${known}`);
}
