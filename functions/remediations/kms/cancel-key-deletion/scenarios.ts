import {
  CancelKeyDeletionCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  type KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { anotherRegion } from '../../kit/other-region.ts';
import { absentKey, key, keyResource, keyTagList, tagKey } from '../fixtures.ts';
import cancelKeyDeletion from './index.ts';

type ArrangeKey = Arrange<{ readonly kms: KMSClient }, { readonly keyId: string }>;

const endingKey =
  (PendingWindowInDays: number, input?: CreateKeyCommandInput): ArrangeKey =>
  ({ kms }, context) =>
    key(kms, context, input, (KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })));

export default defineScenarios(cancelKeyDeletion, {
  faulty: endingKey(30),
  fault: ({ kms }, { target }) => kms.send(new ScheduleKeyDeletionCommand({ KeyId: target.keyId })),
  tag: tagKey,
  scenarios: {
    'its deletion is scheduled': { expected: 'FIXED' },
    'its deletion is scheduled, and Terraform manages it': {
      arrange: endingKey(30, { Tags: keyTagList({ terraform: 'true' }) }),
      expected: 'FIXED',
    },
    'some of the days are over': {
      arrange: (clients, context) => context.ago(12, () => endingKey(30)(clients, context)),
      expected: 'FIXED',
    },
    'the last day has begun': {
      arrange: (clients, context) => context.ago(6.9, () => endingKey(7)(clients, context)),
      expected: 'FIXED',
    },
    'it is asymmetric': { arrange: endingKey(7, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }), expected: 'FIXED' },
    'it waits for its replica': {
      arrange: ({ kms }, context) =>
        key(kms, context, { MultiRegion: true }, async (KeyId) => {
          await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: anotherRegion(context) }));
          await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 10 }));
        }),
      expected: 'FIXED',
    },
    'somebody cancelled the deletion': {
      arrange: ({ kms }, context) =>
        key(kms, context, {}, async (KeyId) => {
          await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
          await kms.send(new CancelKeyDeletionCommand({ KeyId }));
        }),
      expected: 'COMPLIANT',
    },
    'it is in use': { arrange: ({ kms }, context) => key(kms, context), expected: 'COMPLIANT' },
    'it has no material yet': {
      arrange: ({ kms }, context) => key(kms, context, { Origin: 'EXTERNAL' }),
      expected: 'COMPLIANT',
    },
    'AWS manages it': {
      async arrange({ kms }, context) {
        const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
        return keyResource(KeyMetadata!.Arn!, context);
      },
      expected: 'COMPLIANT',
    },
    'it is gone': { arrange: async (_, context) => absentKey(context), expected: 'COMPLIANT' },
  },
});
