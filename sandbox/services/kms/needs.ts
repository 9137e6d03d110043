/** What callers need to be allowed on a key. */
import type { AwsPlace, Kernel, Need } from '../../kernel/kernel.ts';
import { checkUsable, type KeyRecord, type KmsAt, keyAt } from './state.ts';

/**
 * What a caller of another service needs on the key that encrypts a resource there: the caller's own permission, which
 * the service uses in his name.
 * @param keyIdOrArn id, ARN, alias or alias ARN; undefined is a key that AWS owns, for which nobody needs anything
 * @param viaService becomes kms:ViaService: `sqs.us-east-1.amazonaws.com`
 * @param encryptionContext what the service binds the data to: `{ 'aws:logs:arn': … }`
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
  const key = keyAt(kernel, place, keyIdOrArn);
  checkUsable(key);
  const context = {
    'kms:ViaService': viaService,
    'aws:ViaAWSService': 'true',
    ...contextKeys(encryptionContext),
  };
  return actions.map((action) => needOn(key, action, context));
}

/** One action on a key, its policy included. */
export const needOn = (key: KeyRecord, action: string, context: NonNullable<Need['context']> = {}): Need => ({
  action,
  resource: key.arn,
  owner: key.account,
  resourcePolicy: key.policy.document,
  resourceTags: Object.fromEntries(key.tags),
  context: { 'kms:KeySpec': key.spec, 'kms:KeyUsage': key.usage, 'kms:KeyOrigin': key.origin, ...context },
});

/** Needs of an operation that names its key. */
export const onKey =
  (action: string) =>
  (input: { KeyId?: string | undefined }, at: KmsAt): readonly Need[] => [
    needOn(keyAt(at.kernel, at, input.KeyId ?? ''), `kms:${action}`, aliasContext(input.KeyId)),
  ];

/** kms:EncryptionContext:… and kms:EncryptionContextKeys. */
export function contextKeys(context: Readonly<Record<string, string>> = {}): Record<string, string | string[]> {
  const keys = Object.keys(context);
  if (keys.length === 0) return {};
  return {
    ...Object.fromEntries(keys.map((key) => [`kms:EncryptionContext:${key}`, context[key]!])),
    'kms:EncryptionContextKeys': keys,
  };
}

/** kms:RequestAlias, when the caller named the key by an alias. */
export function aliasContext(keyId = ''): Record<string, string> {
  const [, alias] = /(?:^|:)(alias\/.+)$/.exec(keyId) ?? [];
  return alias === undefined ? {} : { 'kms:RequestAlias': alias };
}
