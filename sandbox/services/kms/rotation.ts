/**
 * Automatic rotation of keys.
 * https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { isReplica, primaryOf } from './multi-region.ts';
import { needOn, onKey } from './needs.ts';
import { checkUsable, type KeyRecord, type KmsAt, type KmsState, keyAt } from './state.ts';

const defaultPeriod = 365;
const day = 86_400_000;

/** @throws AwsError ValidationException outside 90 to 2,560 days */
export function checkPeriod(days: number): number {
  if (days >= 90 && days <= 2560) return days;
  const bound = days < 90 ? 'greater than or equal to 90' : 'less than or equal to 2560';
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

/** Only symmetric encryption keys whose material KMS made can rotate by themselves; a replica follows its primary key. */
export const canRotate = (key: KeyRecord): boolean =>
  key.spec === 'SYMMETRIC_DEFAULT' && key.origin === 'AWS_KMS' && !isReplica(key);

function keyToRotate(input: { KeyId?: string | undefined }, at: KmsAt): KeyRecord {
  const key = keyAt(at.kernel, at, input.KeyId ?? '');
  if (!canRotate(key)) {
    throw new AwsError('UnsupportedOperationException', `${key.arn} does not support automatic key rotation.`);
  }
  checkUsable(key);
  return key;
}

export const rotationOperations: ServiceOperations<typeof sdk, KmsState> = {
  EnableKeyRotation: {
    needs: (input, at) => [
      needOn(keyAt(at.kernel, at, input.KeyId ?? ''), 'kms:EnableKeyRotation', {
        'kms:RotationPeriodInDays': String(input.RotationPeriodInDays ?? defaultPeriod),
      }),
    ],
    run(input, at) {
      const key = keyToRotate(input, at);
      key.rotationPeriod = checkPeriod(input.RotationPeriodInDays ?? key.rotationPeriod ?? defaultPeriod);
      key.rotationSince = new Date(at.kernel.clock.now());
      return {};
    },
  },
  DisableKeyRotation: {
    needs: onKey('DisableKeyRotation'),
    run(input, at) {
      const key = keyToRotate(input, at);
      key.rotationPeriod = undefined;
      key.rotationSince = undefined;
      return {};
    },
  },
  GetKeyRotationStatus: {
    needs: onKey('GetKeyRotationStatus'),
    run(input, at) {
      const key = keyAt(at.kernel, at, input.KeyId ?? '');
      if (key.origin === 'EXTERNAL') {
        const message = `${key.arn} origin is EXTERNAL which is not valid for this operation.`;
        throw new AwsError('UnsupportedOperationException', message);
      }
      // While a key waits for its deletion the status is false, and as before when the deletion is cancelled.
      const { rotationPeriod, rotationSince } = primaryOf(at.kernel, key);
      if (rotationPeriod === undefined || key.state === 'PendingDeletion') {
        return { KeyRotationEnabled: false, KeyId: key.arn };
      }
      const NextRotationDate = new Date(rotationSince!.getTime() + rotationPeriod * day);
      return { KeyRotationEnabled: true, KeyId: key.arn, RotationPeriodInDays: rotationPeriod, NextRotationDate };
    },
  },
};
