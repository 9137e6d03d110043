/**
 * KMS.4: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-4
 * Automatic rotation must be on, with any period; the control has no parameters. Keys that AWS manages rotate every
 * year.
 */
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { costPer } from '../../kit/monthly-cost.ts';
import { declaredChange } from '../../kit/owner-language.ts';
import { KEY_ARN, keyTags, kmsKey } from '../key.ts';
import { DEFAULT_PERIOD_DAYS, ROTATION_WORDS, readRotation, setRotation } from '../rotation.ts';
import { rotationObstacle } from '../rotation-obstacle.ts';

export default defineRemediation({
  id: 'kms/rotate-keys',
  title: 'Rotate customer managed keys',
  handles: { controls: ['KMS.4'] },
  risk: 'disruptive',
  target: kmsKey,
  params: z.strictObject({ rotationPeriodInDays: z.int().min(90).max(2560).default(DEFAULT_PERIOD_DAYS) }),
  controlParams: { rotationPeriodInDays: 'own' },
  state: z.strictObject({ periodDays: z.int().optional() }),
  reads: [
    { actions: ['kms:GetKeyRotationStatus'], resources: [KEY_ARN], because: 'whether rotation is on' },
    { actions: ['kms:DescribeKey'], resources: [KEY_ARN], because: 'whether the key supports rotation' },
    {
      actions: ['kms:ListResourceTags'],
      resources: [KEY_ARN],
      because: 'whether a stack or Terraform manages the key',
    },
  ],
  writes: [{ actions: ['kms:EnableKeyRotation'], resources: [KEY_ARN], because: 'switches rotation on' }],
  undoes: [{ actions: ['kms:DisableKeyRotation'], resources: [KEY_ARN], because: 'switches it off again' }],
  clients: { kms: KMSClient },
}).by({
  read: ({ kms, target }) => readRotation(kms, target.keyId),
  want: ({ periodDays }, { params }) => ({ periodDays: periodDays ?? params.rotationPeriodInDays }),
  async objection({ kms, target }) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: target.keyId }));
    const obstacle = rotationObstacle(KeyMetadata!);
    return obstacle === undefined ? undefined : refused(obstacle);
  },
  write: ({ kms, target }, _, { periodDays }) => setRotation(kms, target.keyId, periodDays),
  tags: ({ kms, target }) => keyTags(kms, target.keyId),
  costs: (_, { periodDays }) =>
    periodDays === undefined ? undefined : `${costPer('keyMaterial', 'a month')} after each of the first two rotations`,
  declared: (_, { periodDays }) =>
    declaredChange(ROTATION_WORDS, { EnableKeyRotation: true, RotationPeriodInDays: periodDays }),
  summary: (_, { periodDays }) =>
    periodDays ? `the key rotates every ${periodDays} days` : 'the key no longer rotates',
});
