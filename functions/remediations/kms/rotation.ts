/** Automatic rotation of one key. */
import {
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';

/** The rotation of a key in the language of its owner. */
export const ROTATION_WORDS = {
  cloudFormation: 'AWS::KMS::Key',
  terraform: 'aws_kms_key',
  attributes: {
    EnableKeyRotation: { type: z.boolean(), default: false, terraform: 'enable_key_rotation' },
    RotationPeriodInDays: { type: z.int(), default: 365, terraform: 'rotation_period_in_days' },
  },
} as const;

/** KMS's default. */
export const DEFAULT_PERIOD_DAYS = 365;

/** Returns the days between two rotations if rotation is on, and undefined if the key is gone. */
export async function readRotation(kms: KMSClient, KeyId: string): Promise<{ periodDays?: number } | undefined> {
  try {
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    return status.KeyRotationEnabled ? { periodDays: status.RotationPeriodInDays ?? DEFAULT_PERIOD_DAYS } : {};
  } catch (error) {
    if (isNamed(error, 'NotFoundException')) return undefined;
    // KMS's answer for keys without automatic rotation.
    if (isNamed(error, 'UnsupportedOperationException', 'KMSInvalidStateException')) return {};
    throw error;
  }
}

/** Switches rotation on with this period, or off if it is undefined. */
export async function setRotation(kms: KMSClient, KeyId: string, periodDays: number | undefined): Promise<void> {
  if (periodDays === undefined) await kms.send(new DisableKeyRotationCommand({ KeyId }));
  else await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: periodDays }));
}
