/**
 * CloudTrail.2 (Config rule cloud-trail-encryption-enabled): the trail names a key of KMS.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-2
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { costPer } from '../../kit/monthly-cost.ts';
import * as trails from '../trail.ts';
import { keyObjection, NO_TRAIL_KEY, TRAIL_KEY_READS, TrailKeyName, trailKeyArn } from '../trail-key.ts';

export default defineRemediation({
  id: 'cloudtrail/encrypt-log-files',
  title: 'Encrypt the log files of a trail with a key of KMS',
  handles: { controls: ['CloudTrail.2'] },
  risk: 'disruptive',
  target: trails.trailTarget,
  params: z.strictObject({ kmsKeyId: TrailKeyName.optional() }),
  controlParams: { kmsKeyId: 'own' },
  state: z.strictObject({
    key: z.string().nullable(),
    /** The key that policy names, of a trail without one. */
    named: z.string().nullable(),
  }),
  reads: [...trails.TRAIL_READS, TRAIL_KEY_READS],
  writes: [trails.updatesTrail('names the key; rollback removes it')],
  clients: { cloudtrail: CloudTrailClient, kms: KMSClient },
}).by({
  async read({ cloudtrail, params: { kmsKeyId }, ...context }) {
    const trail = await trails.findTrail(cloudtrail, trails.trailArn(context));
    const key = trail?.KmsKeyId ?? null;
    const named = key === null && kmsKeyId !== undefined ? await trailKeyArn(context, kmsKeyId) : null;
    return trail && { key, named: named ?? null };
  },
  want({ key, named }, { params: { kmsKeyId } }) {
    if (key !== null) return { key, named };
    if (kmsKeyId === undefined) return refused(NO_TRAIL_KEY);
    return named === null ? refused(`the account has no key ${kmsKeyId} in this Region`) : { key: named, named: null };
  },
  async objection(context) {
    const objection = await trails.trailObjection(context);
    if (objection) return objection;
    const key = await trailKeyArn(context, context.params.kmsKeyId!);
    return keyObjection(context, key!, trails.trailArn(context));
  },
  write: (context, _, { key }) => trails.updateTrail(context, { KmsKeyId: key ?? '' }),
  tags: ({ cloudtrail, ...context }) => trails.trailTags(cloudtrail, trails.trailArn(context)),
  costs: () => costPer('keyRequests', 'for 10,000 requests to KMS'),
  summary: (_, { key }) =>
    key === null
      ? 'the bucket alone encrypts new log files'
      : `${key} encrypts new log files: readers need kms:Decrypt on it`,
  declared: (_, { key }) => trails.declaredTrail({ KmsKeyId: key }),
});
