/**
 * A ciphertext names its key; decryption needs that key and the same encryption context. The key's material derives
 * from its ARN, because the sandbox keeps no secrets; that of a multi-Region key derives from its id, which is the same
 * in every Region. A MAC is the HMAC of the message under that material.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type Kernel, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { arnInRegion } from './multi-region.ts';
import { aliasContext, encryptionContextKeys, kmsNeed } from './needs.ts';
import { checkUsable, existingKey, type KeyRecord, type KmsAt, type KmsState } from './state.ts';

type EncryptionContext = Record<string, string> | undefined;
type KeyInput = { KeyId?: string | undefined; EncryptionContext?: EncryptionContext };

const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const MAX_PLAINTEXT_LENGTH = 4096;

function encrypt(kernel: Kernel, key: KeyRecord, plaintext: Uint8Array, context: EncryptionContext): Uint8Array {
  const iv = randomBytes(kernel, IV_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', material(key), iv).setAAD(additionalData(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const arn = Buffer.from(key.arn);
  return new Uint8Array(Buffer.concat([Buffer.from([arn.length]), arn, iv, cipher.getAuthTag(), body]));
}

function decrypt(key: KeyRecord, ciphertext: Uint8Array, context: EncryptionContext): Uint8Array {
  const blob = Buffer.from(ciphertext).subarray(1 + ciphertext[0]!);
  const body = blob.subarray(IV_LENGTH + TAG_LENGTH);
  const decipher = createDecipheriv('aes-256-gcm', material(key), blob.subarray(0, IV_LENGTH))
    .setAAD(additionalData(context))
    .setAuthTag(blob.subarray(IV_LENGTH, IV_LENGTH + TAG_LENGTH));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    throw invalidCiphertext();
  }
}

/**
 * For a multi-Region key, returns the one of this Region.
 * @throws AwsError InvalidCiphertextException
 */
function keyOfCiphertext(ciphertext: Uint8Array | undefined, at: KmsAt): KeyRecord {
  const length = ciphertext?.[0] ?? 0;
  const arn = Buffer.from(ciphertext?.subarray(1, 1 + length) ?? []).toString();
  if (!/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/.test(arn)) throw invalidCiphertext();
  return existingKey(at.kernel, at, arn.includes(':key/mrk-') ? arnInRegion(arn, at.region) : arn);
}

const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

/** @throws AwsError InvalidKeyUsageException, DisabledException, KMSInvalidStateException */
function encryptionKey(input: KeyInput, at: KmsAt): KeyRecord {
  const key = existingKey(at.kernel, at, input.KeyId ?? '');
  if (key.spec !== 'SYMMETRIC_DEFAULT')
    throw new AwsError('InvalidKeyUsageException', `${key.arn} key usage is ${key.usage} which is not valid here.`);
  checkUsable(key);
  return key;
}

const material = (key: KeyRecord): Buffer =>
  createHash('sha256')
    .update(key.multiRegion ? key.id : key.arn)
    .digest();

const additionalData = (context: EncryptionContext = {}): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([left], [right]) => (left < right ? -1 : 1))));

const randomBytes = (kernel: Kernel, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(kernel.random() * 256)));

const needsToUse =
  (action: string) =>
  (input: KeyInput, at: KmsAt): readonly Need[] => [
    kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), `kms:${action}`, {
      ...encryptionContextKeys(input.EncryptionContext),
      ...aliasContext(input.KeyId),
    }),
  ];

function generateDataKey(input: sdk.GenerateDataKeyCommandInput, at: KmsAt) {
  const length = input.NumberOfBytes ?? (input.KeySpec && { AES_128: 16, AES_256: 32 }[input.KeySpec]);
  if (length === undefined || length < 1 || length > 1024)
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
  const key = encryptionKey(input, at);
  const Plaintext = new Uint8Array(randomBytes(at.kernel, length));
  return { KeyId: key.arn, Plaintext, CiphertextBlob: encrypt(at.kernel, key, Plaintext, input.EncryptionContext) };
}

type MacInput = Pick<sdk.VerifyMacCommandInput, 'KeyId' | 'MacAlgorithm' | 'Message'>;

/** @throws AwsError InvalidKeyUsageException, DisabledException, KMSInvalidStateException, ValidationException */
function macOf({ KeyId, MacAlgorithm, Message = new Uint8Array() }: MacInput, at: KmsAt) {
  if (Message.length === 0 || Message.length > MAX_PLAINTEXT_LENGTH)
    throw new AwsError('ValidationException', `Message must have length between 1 and ${MAX_PLAINTEXT_LENGTH}`);
  const key = existingKey(at.kernel, at, KeyId ?? '');
  if (!key.spec.startsWith('HMAC_') || MacAlgorithm !== key.spec.replace('HMAC_', 'HMAC_SHA_'))
    throw new AwsError('InvalidKeyUsageException', `${key.arn} key spec is ${key.spec}, which has no ${MacAlgorithm}.`);
  checkUsable(key);
  const mac = createHmac(`sha${key.spec.slice('HMAC_'.length)}`, material(key))
    .update(Message)
    .digest();
  return { mac, described: { KeyId: key.arn, MacAlgorithm } };
}

const needsForMac = (action: string) => (input: MacInput, at: KmsAt) => [
  kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), `kms:${action}`, {
    ...(input.MacAlgorithm && { 'kms:MacAlgorithm': input.MacAlgorithm }),
    ...aliasContext(input.KeyId),
  }),
];

export const cryptoOperations: ServiceOperations<typeof sdk, KmsState> = {
  Encrypt: {
    needs: needsToUse('Encrypt'),
    run(input, at) {
      const plaintext = input.Plaintext ?? new Uint8Array();
      if (plaintext.length === 0 || plaintext.length > MAX_PLAINTEXT_LENGTH)
        throw new AwsError('ValidationException', `Plaintext must have length between 1 and ${MAX_PLAINTEXT_LENGTH}`);
      const key = encryptionKey(input, at);
      const CiphertextBlob = encrypt(at.kernel, key, plaintext, input.EncryptionContext);
      return { KeyId: key.arn, CiphertextBlob, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  },
  Decrypt: {
    needs: (input, at) => [
      kmsNeed(keyOfCiphertext(input.CiphertextBlob, at), 'kms:Decrypt', encryptionContextKeys(input.EncryptionContext)),
    ],
    run(input, at) {
      const key = keyOfCiphertext(input.CiphertextBlob, at);
      if (input.KeyId !== undefined && existingKey(at.kernel, at, input.KeyId) !== key) {
        const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
        throw new AwsError('IncorrectKeyException', message);
      }
      checkUsable(key);
      const Plaintext = decrypt(key, input.CiphertextBlob!, input.EncryptionContext);
      return { KeyId: key.arn, Plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  },
  GenerateDataKey: { needs: needsToUse('GenerateDataKey'), run: generateDataKey },
  GenerateDataKeyWithoutPlaintext: {
    needs: needsToUse('GenerateDataKeyWithoutPlaintext'),
    run(input, at) {
      const { KeyId, CiphertextBlob } = generateDataKey(input, at);
      return { KeyId, CiphertextBlob };
    },
  },
  GenerateMac: {
    needs: needsForMac('GenerateMac'),
    run(input, at) {
      const { mac, described } = macOf(input, at);
      return { ...described, Mac: new Uint8Array(mac) };
    },
  },
  VerifyMac: {
    needs: needsForMac('VerifyMac'),
    run(input, at) {
      const { mac, described } = macOf(input, at);
      const given = Buffer.from(input.Mac ?? []);
      if (given.length !== mac.length || !timingSafeEqual(given, mac))
        throw new AwsError('KMSInvalidMacException', 'The HMAC verification failed.');
      return { ...described, MacValid: true };
    },
  },
};
