/**
 * Signatures by KMS. IAM separates the permission to sign from the permission to verify, and nobody has the keys.
 * https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html
 */
import { GenerateMacCommand, KMSClient, VerifyMacCommand } from '@aws-sdk/client-kms';
import {
  commandToReplay,
  errorDescription,
  isDenial,
  isNamed,
  SutureError,
  toSutureError,
} from '../contract/errors.ts';
import type { Sign, Verify } from '../ports/signatures.ts';
import { NAMES } from './installation.ts';

const ALGORITHM = { MacAlgorithm: 'HMAC_SHA_256' } as const;

const kms = new KMSClient({ maxAttempts: 3 });

export const signerWith =
  (KeyId: string): Sign =>
  async (Message) => {
    const { Mac } = await renameErrors(KeyId, kms.send(new GenerateMacCommand({ KeyId, ...ALGORITHM, Message })));
    return Buffer.from(Mac!).toString('base64');
  };

export const verifierWith =
  (KeyId: string): Verify =>
  async (Message, signature) => {
    const Mac = Buffer.from(signature, 'base64');
    if (Mac.length === 0) return false;
    try {
      const command = new VerifyMacCommand({ KeyId, ...ALGORITHM, Message, Mac });
      return (await kms.send(command)).MacValid === true;
    } catch (error) {
      if (isNamed(error, 'KMSInvalidMacException')) return false;
      return renameErrors(KeyId, Promise.reject(error));
    }
  };

/** Renames AWS's errors, because the key is Suture's own: no member account denied it. */
async function renameErrors<T>(KeyId: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isDenial(error) && !isNamed(error, 'NotFoundException', 'DisabledException', 'KMSInvalidStateException'))
      throw toSutureError(error, `the key ${KeyId}`);
    throw new SutureError(
      'ConfigurationInvalid',
      `${errorDescription(error)}\nThe function may not use ${KeyId}. Deploy ${NAMES.stack('Service')}, ${NAMES.stack('Security')} and the remediations' ` +
        `stacks again, from one release, then replay it: ${commandToReplay('ConfigurationInvalid')}`,
      { cause: error },
    );
  }
}
