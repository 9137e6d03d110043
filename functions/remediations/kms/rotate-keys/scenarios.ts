import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { defineScenarios } from '../../../contract/scenario.ts';
import { anotherRegion, clientIn } from '../../kit/other-region.ts';
import { absentKey, key, keyResource, keyTagList, tagKey } from '../fixtures.ts';
import rotateKeys from './index.ts';

export default defineScenarios(rotateKeys, {
  faulty: ({ kms }, context) => key(kms, context),
  tag: tagKey,
  scenarios: {
    'rotation is off': { expected: 'FIXED' },
    'policy wants another period, and Terraform manages the key': {
      params: { rotationPeriodInDays: 180 },
      arrange: ({ kms }, context) => key(kms, context, { Tags: keyTagList({ team: 'shop', terraform: 'true' }) }),
      expected: 'FIXED',
    },
    'rotation is on, with a period of its own': {
      arrange: ({ kms }, context) =>
        key(kms, context, {}, (KeyId) => kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 730 }))),
      expected: 'COMPLIANT',
    },
    'AWS manages the key': {
      async arrange({ kms }, context) {
        const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
        return keyResource(KeyMetadata!.Arn!, context);
      },
      expected: 'COMPLIANT',
    },
    'the key is gone': {
      arrange: async (_, context) => absentKey(context),
      expected: 'COMPLIANT',
    },
    'the key is the primary of replicas': {
      arrange: ({ kms }, context) =>
        key(kms, context, { MultiRegion: true }, (KeyId) =>
          kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: anotherRegion(context) })),
        ),
      expected: 'FIXED',
    },
    'the key is a replica': {
      async arrange({ kms }, context) {
        const home = clientIn(anotherRegion(context), kms);
        const primary = await home.send(new CreateKeyCommand({ MultiRegion: true }));
        const replica = await home.send(
          new ReplicateKeyCommand({ KeyId: primary.KeyMetadata!.KeyId, ReplicaRegion: context.region }),
        );
        return keyResource(replica.ReplicaKeyMetadata!.Arn!, context);
      },
      expected: 'REFUSED',
    },
    'the key is a replica, whose primary rotates': {
      async arrange({ kms }, context) {
        const home = clientIn(anotherRegion(context), kms);
        const primary = await home.send(new CreateKeyCommand({ MultiRegion: true }));
        const KeyId = primary.KeyMetadata!.KeyId;
        await home.send(new EnableKeyRotationCommand({ KeyId }));
        const replica = await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: context.region }));
        return keyResource(replica.ReplicaKeyMetadata!.Arn!, context);
      },
      expected: 'COMPLIANT',
    },
    'the key is asymmetric': {
      arrange: ({ kms }, context) => key(kms, context, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }),
      expected: 'REFUSED',
    },
    'the material is imported': {
      arrange: ({ kms }, context) => key(kms, context, { Origin: 'EXTERNAL' }),
      expected: 'REFUSED',
    },
    'the key is disabled': {
      arrange: ({ kms }, context) => key(kms, context, {}, (KeyId) => kms.send(new DisableKeyCommand({ KeyId }))),
      expected: 'REFUSED',
    },
    'the key is scheduled for deletion': {
      arrange: ({ kms }, context) =>
        key(kms, context, {}, (KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId }))),
      expected: 'REFUSED',
    },
  },
});
