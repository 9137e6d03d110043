import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { bindPolicy } from '../iam/bound-policy.ts';
import { checkNotLockedOut, invalidKeyPrincipal, keyMetadata, parseKeyPolicy } from './keys.ts';
import { arnInRegion, isReplica } from './multi-region.ts';
import { kmsNeed } from './needs.ts';
import { checkUsable, existingKey, type KeyRecord, KMS, type KmsAt, type KmsState } from './state.ts';
import { parseKeyTags } from './tags.ts';

export const replicaOperations: ServiceOperations<typeof sdk, KmsState> = {
  ReplicateKey: {
    needs: (input, at) => [
      kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), 'kms:ReplicateKey', {
        'kms:ReplicaRegion': input.ReplicaRegion ?? '',
      }),
      { action: 'kms:CreateKey', resource: '*' },
      ...(input.Tags?.length ? [{ action: 'kms:TagResource', resource: '*' }] : []),
    ],
    run(input, at) {
      const primary = replicableKey(input, at);
      const region = input.ReplicaRegion ?? '';
      const target: KmsAt = { ...at, region, state: at.kernel.state(KMS, { ...at, region }) };
      const arn = arnInRegion(primary.arn, region);
      if (target.state.keys.has(primary.id)) throw new AwsError('AlreadyExistsException', `${arn} already exists.`);
      const policy = parseKeyPolicy(input.Policy, target);
      const replica: KeyRecord = {
        ...primary,
        arn,
        createdAt: new Date(at.kernel.clock.now()),
        description: input.Description ?? '',
        policy: bindPolicy(at.kernel, policy, invalidKeyPrincipal),
        tags: parseKeyTags(input.Tags, at.principal),
        rotationPeriodDays: undefined,
        rotationEnabledAt: undefined,
        primaryRegion: at.region,
        replicaRegions: undefined,
      };
      if (!input.BypassPolicyLockoutSafetyCheck) checkNotLockedOut(replica, policy, target);
      target.state.keys.set(replica.id, replica);
      primary.replicaRegions = [...(primary.replicaRegions ?? []), region];
      // AWS creates the replica after its answer, within seconds. In the sandbox no call is early enough to see it.
      const metadata = { ...keyMetadata(at.kernel, replica), KeyState: 'Creating' as const, Enabled: false };
      return { ReplicaKeyMetadata: metadata, ReplicaPolicy: JSON.stringify(policy) };
    },
  },
};

/** @throws AwsError UnsupportedOperationException unless the key is a multi-Region primary key */
function replicableKey(input: { KeyId?: string | undefined }, at: KmsAt): KeyRecord {
  const key = existingKey(at.kernel, at, input.KeyId ?? '');
  if (!key.multiRegion || isReplica(key))
    throw new AwsError('UnsupportedOperationException', `${key.arn} is not a multi-Region primary key.`);
  checkUsable(key);
  return key;
}
