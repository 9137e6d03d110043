/** Replicas of multi-Region keys. */
import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { bindPolicy } from '../iam/trust.ts';
import { kms } from './index.ts';
import { checkNotLockedOut, malformed, metadata, readKeyPolicy } from './keys.ts';
import { inRegion, isReplica } from './multi-region.ts';
import { needOn } from './needs.ts';
import { checkUsable, type KeyRecord, type KmsAt, type KmsState, keyAt } from './state.ts';

export const replicaOperations: ServiceOperations<typeof sdk, KmsState> = {
  ReplicateKey: {
    needs: (input, at) => [
      needOn(keyAt(at.kernel, at, input.KeyId ?? ''), 'kms:ReplicateKey', {
        'kms:ReplicaRegion': input.ReplicaRegion ?? '',
      }),
      { action: 'kms:CreateKey', resource: '*' },
      ...(input.Tags?.length ? [{ action: 'kms:TagResource', resource: '*' }] : []),
    ],
    run(input, at) {
      const primary = keyToReplicate(input, at);
      const region = input.ReplicaRegion ?? '';
      const there: KmsAt = { ...at, region, state: at.kernel.state(kms, { ...at, region }) };
      const arn = inRegion(primary.arn, region);
      if (there.state.keys.has(primary.id)) throw new AwsError('AlreadyExistsException', `${arn} already exists.`);
      const policy = readKeyPolicy(input.Policy, there);
      const replica: KeyRecord = {
        ...primary,
        arn,
        createdAt: new Date(at.kernel.clock.now()),
        description: input.Description ?? '',
        policy: bindPolicy(at.kernel, policy, malformed),
        tags: new Map(input.Tags?.map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue])),
        rotationPeriod: undefined,
        rotationSince: undefined,
        primaryRegion: at.region,
        replicaRegions: undefined,
      };
      if (!input.BypassPolicyLockoutSafetyCheck) checkNotLockedOut(replica, policy, there);
      there.state.keys.set(replica.id, replica);
      primary.replicaRegions = [...(primary.replicaRegions ?? []), region];
      return { ReplicaKeyMetadata: metadata(at.kernel, replica), ReplicaPolicy: JSON.stringify(policy) };
    },
  },
};

/** @throws AwsError UnsupportedOperationException for anything but the primary of a multi-Region key */
function keyToReplicate(input: { KeyId?: string | undefined }, at: KmsAt): KeyRecord {
  const key = keyAt(at.kernel, at, input.KeyId ?? '');
  if (!key.multiRegion || isReplica(key))
    throw new AwsError('UnsupportedOperationException', `${key.arn} is not a multi-Region primary key.`);
  checkUsable(key);
  return key;
}
