import type { AwsPlace, Kernel, Need } from '../../kernel/kernel.ts';
import { checkUsable, existingKey, type KeyRecord, type KmsAt } from './state.ts';

/**
 * Returns the needs of a caller of another service whose resource the key encrypts: the service uses the key with the
 * caller's permission.
 * @param keyIdOrArn id, ARN, alias or alias ARN; undefined for a key that AWS owns, which needs no permission
 * @param viaService value of kms:ViaService: `sqs.us-east-1.amazonaws.com`
 * @param encryptionContext the service's context: `{ 'aws:logs:arn': … }`
 * @throws AwsError NotFoundException, DisabledException, KMSInvalidStateException
 */
export function keyNeeds(
  kernel: Kernel,
  place: AwsPlace,
  keyIdOrArn: string | undefined,
  actions: readonly string[],
  viaService: string,
  encryptionContext: Readonly<Record<string, string>> = {},
): readonly Need[] {
  if (keyIdOrArn === undefined) return [];
  const key = existingKey(kernel, place, keyIdOrArn);
  checkUsable(key);
  const context = {
    'kms:ViaService': viaService,
    'aws:ViaAWSService': 'true',
    ...encryptionContextKeys(encryptionContext),
  };
  return actions.map((action) => kmsNeed(key, action, context));
}

export const kmsNeed = (key: KeyRecord, action: string, context: NonNullable<Need['context']> = {}): Need => ({
  action,
  resource: key.arn,
  owner: key.account,
  resourcePolicy: key.policy.document,
  resourceTags: Object.fromEntries(key.tags),
  context: { 'kms:KeySpec': key.spec, 'kms:KeyUsage': key.usage, 'kms:KeyOrigin': key.origin, ...context },
});

export const needsOnKey =
  (action: string) =>
  (input: { KeyId?: string | undefined }, at: KmsAt): readonly Need[] => [
    kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), `kms:${action}`, aliasContext(input.KeyId)),
  ];

export function encryptionContextKeys(
  context: Readonly<Record<string, string>> = {},
): Record<string, string | string[]> {
  const keys = Object.keys(context);
  if (keys.length === 0) return {};
  return {
    ...Object.fromEntries(keys.map((key) => [`kms:EncryptionContext:${key}`, context[key]!])),
    'kms:EncryptionContextKeys': keys,
  };
}

export function aliasContext(keyId = ''): Record<string, string> {
  const alias = /(?:^|:)(alias\/.+)$/.exec(keyId)?.[1];
  return alias === undefined ? {} : { 'kms:RequestAlias': alias };
}
