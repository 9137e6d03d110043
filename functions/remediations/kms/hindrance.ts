/**
 * Which keys cannot be told to rotate by themselves.
 * https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
import type { KeyMetadata } from '@aws-sdk/client-kms';

/** Why KMS would not take the setting for this key; undefined where it would. */
export function hindranceOf(key: KeyMetadata): string | undefined {
  const { KeySpec, Origin, KeyState, MultiRegionConfiguration: related } = key;
  if (KeySpec?.startsWith('HMAC_')) return 'HMAC keys cannot rotate by themselves: make a new key and move to it';
  if (KeySpec !== 'SYMMETRIC_DEFAULT')
    return 'asymmetric keys cannot rotate by themselves: make a new key and move to it';
  if (Origin === 'EXTERNAL') return 'its material was imported, and KMS cannot make more of it: import anew';
  if (Origin !== 'AWS_KMS')
    return `its material is kept in a custom key store (${Origin}), where KMS does not rotate it`;
  if (KeyState === 'PendingDeletion')
    return `it will be deleted on ${key.DeletionDate?.toISOString().slice(0, 10)}; until then KMS leaves it alone`;
  if (KeyState === 'Disabled') return 'it is disabled: KMS takes the setting for enabled keys only';
  if (KeyState !== 'Enabled') return `its state is ${KeyState}: KMS takes the setting for enabled keys only`;
  if (related?.MultiRegionKeyType === 'REPLICA')
    return `it is a replica and follows its primary key in ${related.PrimaryKey?.Region}: rotation is set there`;
  return undefined;
}
