/**
 * Automatic rotation of keys.
 * https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { isReplica, primaryKeyOf } from './multi-region.ts';
import { kmsNeed, needsOnKey } from './needs.ts';
import { checkUsable, existingKey, type KeyRecord, type KmsAt, type KmsState } from './state.ts';

const DEFAULT_PERIOD_DAYS = 365;
const DAY_MS = 86_400_000;

/** @throws AwsError ValidationException unless the period is 90 to 2,560 days */
export function checkRotationPeriod(days: number): number {
  if (days >= 90 && days <= 2560) return days;
  const bound = days < 90 ? 'greater than or equal to 90' : 'less than or equal to 2560';
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

/**
 * Only symmetric encryption keys with KMS's own material can rotate automatically; a replica follows its primary key.
 */
export const canRotate = (key: KeyRecord): boolean =>
  key.spec === 'SYMMETRIC_DEFAULT' && key.origin === 'AWS_KMS' && !isReplica(key);

function rotatableKey(input: { KeyId?: string | undefined }, at: KmsAt): KeyRecord {
  const key = existingKey(at.kernel, at, input.KeyId ?? '');
  if (!canRotate(key))
    throw new AwsError('UnsupportedOperationException', `${key.arn} does not support automatic key rotation.`);
  checkUsable(key);
  return key;
}

export const rotationOperations: ServiceOperations<typeof sdk, KmsState> = {
  EnableKeyRotation: {
    needs: (input, at) => [
      kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), 'kms:EnableKeyRotation', {
        'kms:RotationPeriodInDays': String(input.RotationPeriodInDays ?? DEFAULT_PERIOD_DAYS),
      }),
    ],
    run(input, at) {
      const key = rotatableKey(input, at);
      key.rotationPeriodDays = checkRotationPeriod(
        input.RotationPeriodInDays ?? key.rotationPeriodDays ?? DEFAULT_PERIOD_DAYS,
      );
      key.rotationEnabledAt = new Date(at.kernel.clock.now());
      return {};
    },
  },
  DisableKeyRotation: {
    needs: needsOnKey('DisableKeyRotation'),
    run(input, at) {
      const key = rotatableKey(input, at);
      key.rotationPeriodDays = undefined;
      key.rotationEnabledAt = undefined;
      return {};
    },
  },
  GetKeyRotationStatus: {
    needs: needsOnKey('GetKeyRotationStatus'),
    run(input, at) {
      const key = existingKey(at.kernel, at, input.KeyId ?? '');
      if (key.origin === 'EXTERNAL') {
        const message = `${key.arn} origin is EXTERNAL which is not valid for this operation.`;
        throw new AwsError('UnsupportedOperationException', message);
      }
      // While a deletion is pending the status is false; CancelKeyDeletion restores it.
      const { rotationPeriodDays, rotationEnabledAt } = primaryKeyOf(at.kernel, key);
      if (rotationPeriodDays === undefined || key.state === 'PendingDeletion')
        return { KeyRotationEnabled: false, KeyId: key.arn };
      const NextRotationDate = new Date(rotationEnabledAt!.getTime() + rotationPeriodDays * DAY_MS);
      return { KeyRotationEnabled: true, KeyId: key.arn, RotationPeriodInDays: rotationPeriodDays, NextRotationDate };
    },
  },
};
