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
import type { FindingResource } from '../../../contract/remediation.ts';
import { defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { anotherRegion, clientIn } from '../../other-region.ts';
import rotateKeys from './index.ts';

const resourceOf = (Id: string, { partition, region }: ScenarioContext<unknown>): FindingResource => ({
  Type: 'AwsKmsKey',
  Id,
  Partition: partition,
  Region: region,
});

/** A new key, a resource of a finding, and what else is done to it. */
async function key(
  kms: KMSClient,
  where: ScenarioContext<unknown>,
  input: CreateKeyCommandInput = {},
  after: (KeyId: string) => Promise<unknown> = async () => {},
): Promise<FindingResource> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: where.name, ...input }));
  await after(KeyMetadata!.KeyId!);
  return resourceOf(KeyMetadata!.Arn!, where);
}

export default defineScenarios(rotateKeys, {
  faulty: ({ kms }, where) => key(kms, where),
  scenarios: {
    'rotation is off': { expected: 'FIXED' },
    'policy wants another period, and Terraform manages the key': {
      params: { rotationPeriodInDays: 180 },
      arrange: ({ kms }, where) =>
        key(kms, where, {
          Tags: [
            { TagKey: 'team', TagValue: 'shop' },
            { TagKey: 'terraform', TagValue: 'true' },
          ],
        }),
      expected: 'FIXED',
    },
    'rotation is on, with a period of its own': {
      arrange: ({ kms }, where) =>
        key(kms, where, {}, (KeyId) => kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 730 }))),
      expected: 'COMPLIANT',
    },
    'AWS manages the key': {
      async arrange({ kms }, where) {
        const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
        return resourceOf(KeyMetadata!.Arn!, where);
      },
      expected: 'COMPLIANT',
    },
    'the key is gone': {
      arrange: async (_, where) =>
        resourceOf(`arn:${where.partition}:kms:${where.region}:${where.account}:key/${crypto.randomUUID()}`, where),
      expected: 'COMPLIANT',
    },
    'the key is the primary of replicas': {
      arrange: ({ kms }, where) =>
        key(kms, where, { MultiRegion: true }, (KeyId) =>
          kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: anotherRegion(where) })),
        ),
      expected: 'FIXED',
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
      expected: 'REFUSED',
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
      expected: 'COMPLIANT',
    },
    'the key is asymmetric': {
      arrange: ({ kms }, where) => key(kms, where, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }),
      expected: 'REFUSED',
    },
    'the material is imported': {
      arrange: ({ kms }, where) => key(kms, where, { Origin: 'EXTERNAL' }),
      expected: 'REFUSED',
    },
    'the key is disabled': {
      arrange: ({ kms }, where) => key(kms, where, {}, (KeyId) => kms.send(new DisableKeyCommand({ KeyId }))),
      expected: 'REFUSED',
    },
    'the key waits for its deletion': {
      arrange: ({ kms }, where) => key(kms, where, {}, (KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId }))),
      expected: 'REFUSED',
    },
  },
});
