/**
 * KMS.3: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-3
 * A key whose deletion is cancelled is disabled. That passes the control, and nothing can use the key, as before.
 */
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  KeyState,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { isPending, waitingDays } from '../deletion.ts';
import { KEY_ARN, keyTags, kmsKey } from '../key.ts';

export default defineRemediation({
  id: 'kms/cancel-key-deletion',
  title: 'Cancel the deletion of a key',
  handles: { controls: ['KMS.3'] },
  risk: 'safe',
  target: kmsKey,
  params: z.strictObject({}),
  /** The days are those that are left until the deletion, in KMS's bounds; null without a deletion. */
  state: z.strictObject({ key: z.enum(KeyState), days: z.int().nullable() }),
  reads: [
    { actions: ['kms:DescribeKey'], resources: [KEY_ARN], because: 'whether the key will be deleted, and when' },
    { actions: ['kms:ListResourceTags'], resources: [KEY_ARN], because: 'who manages the key' },
  ],
  writes: [{ actions: ['kms:CancelKeyDeletion'], resources: [KEY_ARN], because: 'cancels the deletion' }],
  undoes: [{ actions: ['kms:ScheduleKeyDeletion'], resources: [KEY_ARN], because: 'schedules it again' }],
  clients: { kms: KMSClient },
}).by({
  async read({ kms, target, now }) {
    const command = new DescribeKeyCommand({ KeyId: target.keyId });
    const key = (await orUndefined(kms.send(command), 'NotFoundException'))?.KeyMetadata;
    return key && { key: key.KeyState!, days: waitingDays(key, now) };
  },
  want: (state) => (isPending(state.key) ? { key: 'Disabled', days: null } : state),
  async write({ kms, target: { keyId: KeyId } }, _, { key, days }) {
    const call = isPending(key)
      ? kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: days! }))
      : kms.send(new CancelKeyDeletionCommand({ KeyId }));
    // The SDK repeats a call whose answer was lost.
    await orUndefined<unknown>(call, 'KMSInvalidStateException');
  },
  tags: ({ kms, target }) => keyTags(kms, target.keyId),
  // The days pass while a person looks at the plan.
  shown: ({ key }) => ({ key }),
  summary: (_, to) =>
    isPending(to.key)
      ? `KMS deletes the key in ${to.days} days`
      : 'the key is not deleted; it is disabled until somebody enables it',
});
