/**
 * KMS.4: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-4
 * Automatic rotation must be on; how often does not count, and the control has no parameters. Keys that AWS manages
 * rotate every year in any case.
 */
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { arn, defineRemediation, refused } from '../../../contract/remediation.ts';
import { hindranceOf } from '../hindrance.ts';
import { keyTags, rotationOf, setRotation, YEAR } from '../rotation.ts';

const KEY = 'arn:{partition}:kms:{region}:{account}:key/{keyId}';

export default defineRemediation({
  id: 'kms/rotate-keys',
  title: 'Rotate customer managed keys',
  handles: { controls: ['KMS.4'] },
  risk: 'safe',
  target: arn('AwsKmsKey', KEY),
  params: z.strictObject({ rotationPeriodInDays: z.int().min(90).max(2560).default(YEAR) }),
  state: z.strictObject({ everyDays: z.int().optional() }),
  reads: [
    { actions: ['kms:GetKeyRotationStatus'], resources: [KEY], because: 'whether it rotates' },
    { actions: ['kms:DescribeKey'], resources: [KEY], because: 'whether it can rotate' },
    { actions: ['kms:ListResourceTags'], resources: [KEY], because: 'who else manages the key' },
  ],
  writes: [
    { actions: ['kms:EnableKeyRotation'], resources: [KEY], because: 'switches rotation on' },
    { actions: ['kms:DisableKeyRotation'], resources: [KEY], because: 'rollback switches it off again' },
  ],
  clients: { kms: KMSClient },
}).by({
  read: ({ kms, target }) => rotationOf(kms, target.keyId),
  want: ({ everyDays }, { params }) => ({ everyDays: everyDays ?? params.rotationPeriodInDays }),
  async objection({ kms, target }) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: target.keyId }));
    const hindrance = hindranceOf(KeyMetadata!);
    return hindrance === undefined ? undefined : refused(hindrance);
  },
  write: ({ kms, target }, _, { everyDays }) => setRotation(kms, target.keyId, everyDays),
  tags: ({ kms, target }) => keyTags(kms, target.keyId),
  summary: (_, { everyDays }) => (everyDays ? `the key rotates every ${everyDays} days` : 'the key no longer rotates'),
});
