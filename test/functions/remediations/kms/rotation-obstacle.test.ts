import type { KeyMetadata } from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { rotationObstacle } from '../../../../functions/remediations/kms/rotation-obstacle.ts';

const ordinary = { KeySpec: 'SYMMETRIC_DEFAULT', Origin: 'AWS_KMS', KeyState: 'Enabled' } as const;
const primary = { PrimaryKey: { Region: 'eu-west-1' }, ReplicaKeys: [] };

test.each<[what: string, key: Partial<KeyMetadata>, obstacle: RegExp | undefined]>([
  ['is ordinary', {}, undefined],
  ['is HMAC', { KeySpec: 'HMAC_256' }, /^HMAC/],
  ['signs', { KeySpec: 'ECC_NIST_P256' }, /^asymmetric/],
  ['has a Chinese spec', { KeySpec: 'SM2' }, /^asymmetric/],
  ['has imported material', { Origin: 'EXTERNAL' }, /imported/],
  ['has imported material no more', { Origin: 'EXTERNAL', KeyState: 'PendingImport' }, /imported/],
  ['is kept in CloudHSM', { Origin: 'AWS_CLOUDHSM' }, /custom key store \(AWS_CLOUDHSM\)/],
  ['is kept outside of AWS', { Origin: 'EXTERNAL_KEY_STORE', KeyState: 'Unavailable' }, /custom key store/],
  ['is disabled', { KeyState: 'Disabled' }, /disabled/],
  ['is leaving', { KeyState: 'PendingDeletion', DeletionDate: new Date('2026-12-24T00:00:00Z') }, /on 2026-12-24/],
  ['is moving to another Region', { KeyState: 'Updating' }, /its state is Updating/],
  ['is primary', { MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY', ...primary } }, undefined],
  [
    'is a replica',
    { MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA', ...primary } },
    /primary key in eu-west-1/,
  ],
])('a key that %s', (_, key, obstacle) => {
  const found = rotationObstacle({ KeyId: 'k', ...ordinary, ...key });
  if (obstacle) expect(found).toMatch(obstacle);
  else expect(found).toBeUndefined();
});
