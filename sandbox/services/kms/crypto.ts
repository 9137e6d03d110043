/**
 * Encryption. A ciphertext names its key and opens under that key and the same encryption context only; the key's
 * material is made of its ARN (its id, for that of a multi-Region key is the same everywhere), for there is nothing here to keep secret.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type Kernel, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { inRegion } from './multi-region.ts';
import { aliasContext, contextKeys, needOn } from './needs.ts';
import { checkUsable, type KeyRecord, type KmsAt, type KmsState, keyAt } from './state.ts';

type Context = Record<string, string> | undefined;
type Named = { KeyId?: string | undefined; EncryptionContext?: Context };

const ivLength = 12;
const tagLength = 16;
const plaintextLimit = 4096;

function seal(kernel: Kernel, key: KeyRecord, plaintext: Uint8Array, context: Context): Uint8Array {
  const iv = randomBytes(kernel, ivLength);
  const cipher = createCipheriv('aes-256-gcm', material(key), iv).setAAD(canonical(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const arn = Buffer.from(key.arn);
  return new Uint8Array(Buffer.concat([Buffer.from([arn.length]), arn, iv, cipher.getAuthTag(), body]));
}

function open(key: KeyRecord, ciphertext: Uint8Array, context: Context): Uint8Array {
  const blob = Buffer.from(ciphertext).subarray(1 + ciphertext[0]!);
  const body = blob.subarray(ivLength + tagLength);
  const decipher = createDecipheriv('aes-256-gcm', material(key), blob.subarray(0, ivLength))
    .setAAD(canonical(context))
    .setAuthTag(blob.subarray(ivLength, ivLength + tagLength));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    throw invalidCiphertext();
  }
}

/** The key that a ciphertext was made with; a multi-Region key is the one of this Region. @throws AwsError InvalidCiphertextException */
function keyOf(ciphertext: Uint8Array | undefined, at: KmsAt): KeyRecord {
  const length = ciphertext?.[0] ?? 0;
  const arn = Buffer.from(ciphertext?.subarray(1, 1 + length) ?? []).toString();
  if (!/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/.test(arn)) throw invalidCiphertext();
  return keyAt(at.kernel, at, arn.includes(':key/mrk-') ? inRegion(arn, at.region) : arn);
}

const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

/** @throws AwsError InvalidKeyUsageException, DisabledException, KMSInvalidStateException */
function encryptionKey(input: Named, at: KmsAt): KeyRecord {
  const key = keyAt(at.kernel, at, input.KeyId ?? '');
  if (key.spec !== 'SYMMETRIC_DEFAULT') {
    throw new AwsError('InvalidKeyUsageException', `${key.arn} key usage is ${key.usage} which is not valid here.`);
  }
  checkUsable(key);
  return key;
}

const material = (key: KeyRecord): Buffer =>
  createHash('sha256')
    .update(key.multiRegion ? key.id : key.arn)
    .digest();

const canonical = (context: Context = {}): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([left], [right]) => (left < right ? -1 : 1))));

const randomBytes = (kernel: Kernel, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(kernel.random() * 256)));

const toUse =
  (action: string) =>
  (input: Named, at: KmsAt): readonly Need[] => [
    needOn(keyAt(at.kernel, at, input.KeyId ?? ''), `kms:${action}`, {
      ...contextKeys(input.EncryptionContext),
      ...aliasContext(input.KeyId),
    }),
  ];

function dataKey(input: sdk.GenerateDataKeyCommandInput, at: KmsAt) {
  const length = input.NumberOfBytes ?? (input.KeySpec && { AES_128: 16, AES_256: 32 }[input.KeySpec]);
  if (length === undefined || length < 1 || length > 1024) {
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  const key = encryptionKey(input, at);
  const Plaintext = new Uint8Array(randomBytes(at.kernel, length));
  return { KeyId: key.arn, Plaintext, CiphertextBlob: seal(at.kernel, key, Plaintext, input.EncryptionContext) };
}

export const cryptoOperations: ServiceOperations<typeof sdk, KmsState> = {
  Encrypt: {
    needs: toUse('Encrypt'),
    run(input, at) {
      const plaintext = input.Plaintext ?? new Uint8Array();
      if (plaintext.length === 0 || plaintext.length > plaintextLimit) {
        throw new AwsError('ValidationException', `Plaintext must have length between 1 and ${plaintextLimit}`);
      }
      const key = encryptionKey(input, at);
      const CiphertextBlob = seal(at.kernel, key, plaintext, input.EncryptionContext);
      return { KeyId: key.arn, CiphertextBlob, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  },
  Decrypt: {
    needs: (input, at) => [
      needOn(keyOf(input.CiphertextBlob, at), 'kms:Decrypt', contextKeys(input.EncryptionContext)),
    ],
    run(input, at) {
      const key = keyOf(input.CiphertextBlob, at);
      if (input.KeyId !== undefined && keyAt(at.kernel, at, input.KeyId) !== key) {
        const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
        throw new AwsError('IncorrectKeyException', message);
      }
      checkUsable(key);
      const Plaintext = open(key, input.CiphertextBlob!, input.EncryptionContext);
      return { KeyId: key.arn, Plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  },
  GenerateDataKey: { needs: toUse('GenerateDataKey'), run: dataKey },
  GenerateDataKeyWithoutPlaintext: {
    needs: toUse('GenerateDataKeyWithoutPlaintext'),
    run(input, at) {
      const { KeyId, CiphertextBlob } = dataKey(input, at);
      return { KeyId, CiphertextBlob };
    },
  },
};
