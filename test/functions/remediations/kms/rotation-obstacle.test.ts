import type { KeyMetadata } from '@aws-sdk/client-kms';
import { expect, it } from 'vitest';
import { rotationObstacle } from '../../../../functions/remediations/kms/rotation-obstacle.ts';

const ORDINARY = { KeySpec: 'SYMMETRIC_DEFAULT', Origin: 'AWS_KMS', KeyState: 'Enabled' } as const;
const PRIMARY = { PrimaryKey: { Region: 'eu-west-1' }, ReplicaKeys: [] };

it.each<[what: string, key: Partial<KeyMetadata>, obstacle: RegExp | undefined]>([
  ['is ordinary', {}, undefined],
  ['is HMAC', { KeySpec: 'HMAC_256' }, /^HMAC/],
  ['signs', { KeySpec: 'ECC_NIST_P256' }, /^asymmetric/],
  ['has a Chinese spec', { KeySpec: 'SM2' }, /^asymmetric/],
  ['has imported material', { Origin: 'EXTERNAL' }, /imported/],
  ['has lost its imported material', { Origin: 'EXTERNAL', KeyState: 'PendingImport' }, /imported/],
  ['is kept in CloudHSM', { Origin: 'AWS_CLOUDHSM' }, /custom key store \(AWS_CLOUDHSM\)/],
  ['is kept outside of AWS', { Origin: 'EXTERNAL_KEY_STORE', KeyState: 'Unavailable' }, /custom key store/],
  ['is disabled', { KeyState: 'Disabled' }, /disabled/],
  [
    'is scheduled for deletion',
    { KeyState: 'PendingDeletion', DeletionDate: new Date('2026-12-24T00:00:00Z') },
    /on 2026-12-24/,
  ],
  ['is moving to another Region', { KeyState: 'Updating' }, /its state is Updating/],
  ['is primary', { MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY', ...PRIMARY } }, undefined],
  [
    'is a replica',
    { MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA', ...PRIMARY } },
    /primary key in eu-west-1/,
  ],
])('finds the obstacle, if any, of a key that %s', (_, key, obstacle) => {
  const found = rotationObstacle({ KeyId: 'k', ...ORDINARY, ...key });
  if (obstacle) expect(found).toMatch(obstacle);
  else expect(found).toBeUndefined();
});
