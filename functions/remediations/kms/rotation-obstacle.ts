/**
 * Keys without automatic rotation.
 * https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
import type { KeyMetadata } from '@aws-sdk/client-kms';

/** Returns why KMS would reject the setting for this key, or undefined if it would not. */
export function rotationObstacle(key: KeyMetadata): string | undefined {
  const { KeySpec, Origin, KeyState, MultiRegionConfiguration: related } = key;
  if (KeySpec?.startsWith('HMAC_')) return 'HMAC keys have no automatic rotation: create a new key and move to it';
  if (KeySpec !== 'SYMMETRIC_DEFAULT')
    return 'asymmetric keys have no automatic rotation: create a new key and move to it';
  if (Origin === 'EXTERNAL') return 'its material was imported, so KMS cannot rotate it: import new material';
  if (Origin !== 'AWS_KMS') return `its material is in a custom key store (${Origin}), where KMS does not rotate it`;
  if (KeyState === 'PendingDeletion')
    return `it will be deleted on ${key.DeletionDate?.toISOString().slice(0, 10)}; KMS rejects the setting until then`;
  if (KeyState === 'Disabled') return 'it is disabled: KMS accepts the setting for enabled keys only';
  if (KeyState !== 'Enabled') return `its state is ${KeyState}: KMS accepts the setting for enabled keys only`;
  if (related?.MultiRegionKeyType === 'REPLICA')
    return `it is a replica and follows its primary key in ${related.PrimaryKey?.Region}: rotation is set there`;
  return undefined;
}
