import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { Resource } from '../../../contract/remediation.ts';
import { defineCases, type Where } from '../../../contract/scenario.ts';
import { anotherRegion, clientIn } from '../../other-region.ts';
import rotateKeys from './index.ts';

const resourceOf = (Id: string, { partition, region }: Where<unknown>): Resource => ({
  Type: 'AwsKmsKey',
  Id,
  Partition: partition,
  Region: region,
});

/** A new key, a resource of a finding, and what else is done to it. */
async function key(
  kms: KMSClient,
  where: Where<unknown>,
  input: CreateKeyCommandInput = {},
  after: (KeyId: string) => Promise<unknown> = async () => {},
): Promise<Resource> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: where.name, ...input }));
  await after(KeyMetadata!.KeyId!);
  return resourceOf(KeyMetadata!.Arn!, where);
}

export default defineCases(rotateKeys, {
  faulty: ({ kms }, where) => key(kms, where),
  cases: {
    'rotation is off': { then: 'FIXED' },
    'policy wants another period, and Terraform manages the key': {
      params: { rotationPeriodInDays: 180 },
      arrange: ({ kms }, where) =>
        key(kms, where, {
          Tags: [
            { TagKey: 'team', TagValue: 'shop' },
            { TagKey: 'terraform', TagValue: 'true' },
          ],
        }),
      then: 'FIXED',
    },
    'rotation is on, with a period of its own': {
      arrange: ({ kms }, where) =>
        key(kms, where, {}, (KeyId) => kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 730 }))),
      then: 'COMPLIANT',
    },
    'AWS manages the key': {
      async arrange({ kms }, where) {
        const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
        return resourceOf(KeyMetadata!.Arn!, where);
      },
      then: 'COMPLIANT',
    },
    'the key is gone': {
      arrange: async (_, where) =>
        resourceOf(`arn:${where.partition}:kms:${where.region}:${where.account}:key/${crypto.randomUUID()}`, where),
      then: 'COMPLIANT',
    },
    'the key is the primary of replicas': {
      arrange: ({ kms }, where) =>
        key(kms, where, { MultiRegion: true }, (KeyId) =>
          kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: anotherRegion(where) })),
        ),
      then: 'FIXED',
    },
    'the key is a replica': {
      async arrange({ kms }, where) {
        const home = clientIn(anotherRegion(where), kms);
        const primary = await home.send(new CreateKeyCommand({ MultiRegion: true }));
        const replica = await home.send(
          new ReplicateKeyCommand({ KeyId: primary.KeyMetadata!.KeyId, ReplicaRegion: where.region }),
        );
        return resourceOf(replica.ReplicaKeyMetadata!.Arn!, where);
      },
      then: 'REFUSED',
    },
    'the key is a replica, whose primary rotates': {
      async arrange({ kms }, where) {
        const home = clientIn(anotherRegion(where), kms);
        const primary = await home.send(new CreateKeyCommand({ MultiRegion: true }));
        const KeyId = primary.KeyMetadata!.KeyId;
        await home.send(new EnableKeyRotationCommand({ KeyId }));
        const replica = await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: where.region }));
        return resourceOf(replica.ReplicaKeyMetadata!.Arn!, where);
      },
      then: 'COMPLIANT',
    },
    'the key is asymmetric': {
      arrange: ({ kms }, where) => key(kms, where, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }),
      then: 'REFUSED',
    },
    'the material is imported': {
      arrange: ({ kms }, where) => key(kms, where, { Origin: 'EXTERNAL' }),
      then: 'REFUSED',
    },
    'the key is disabled': {
      arrange: ({ kms }, where) => key(kms, where, {}, (KeyId) => kms.send(new DisableKeyCommand({ KeyId }))),
      then: 'REFUSED',
    },
    'the key waits for its deletion': {
      arrange: ({ kms }, where) => key(kms, where, {}, (KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId }))),
      then: 'REFUSED',
    },
  },
});
