import { CloudTrailClient, type CreateTrailCommandInput } from '@aws-sdk/client-cloudtrail';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import type { Clients, Place } from '../../../contract/remediation.ts';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { anotherRegion, clientIn } from '../../kit/other-region.ts';
import { trail, trailResource } from '../../kit/trail-fixture.ts';
import { tagTrail } from '../fixtures.ts';
import encryptLogFiles from './index.ts';

const CLIENTS = { cloudtrail: CloudTrailClient, kms: KMSClient, s3: S3Client };
type Step = Arrange<Clients<typeof CLIENTS>, any>;

const NAMED = { kmsKeyId: 'alias/trails' };

type Key = {
  readonly alias?: string;
  readonly input?: CreateKeyCommandInput;
  /** The condition under which CloudTrail may use it; null: never. */
  readonly condition?: object | null;
};

/** Creates a key, unless there is one with its alias, and returns its ARN. */
async function createKey(
  kms: KMSClient,
  { partition, account }: Place,
  { alias = NAMED.kmsKeyId, input, condition = {} }: Key = {},
): Promise<string> {
  const own = { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: 'kms:*' };
  const trails = {
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: 'kms:GenerateDataKey*',
  };
  const Statement = [own, ...(condition ? [{ ...trails, Condition: condition }] : [])];
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: Statement.map((each) => ({ ...each, Resource: '*' })),
  });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy, ...input }));
  const created = new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata!.KeyId });
  await orUndefined(kms.send(created), 'AlreadyExistsException');
  return KeyMetadata!.Arn!;
}

/** Creates such a key, and a trail that names none. */
const withKey =
  (key: Key = {}, settings: Partial<CreateTrailCommandInput> = {}): Step =>
  async ({ cloudtrail, kms, s3 }, context) => {
    await createKey(kms, context, key);
    return trail(cloudtrail, s3, context, settings);
  };

const disabled: Step = async ({ cloudtrail, kms, s3 }, context) => {
  await kms.send(new DisableKeyCommand({ KeyId: await createKey(kms, context, { alias: 'alias/disabled' }) }));
  return trail(cloudtrail, s3, context);
};

const encrypted: Step = async ({ cloudtrail, kms, s3 }, context) =>
  trail(cloudtrail, s3, context, { KmsKeyId: await createKey(kms, context, { alias: `alias/${context.name}` }) });

const elsewhere: Step = async ({ cloudtrail, kms, s3 }, context) => {
  await createKey(kms, context);
  return trail(clientIn(anotherRegion(context), cloudtrail), s3, context, { IsMultiRegionTrail: true });
};

/** The conditions of AWS's instructions. */
const OF_TRAILS = {
  StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': 'arn:*:cloudtrail:*:*:trail/*' },
  ArnLike: { 'aws:SourceArn': 'arn:*:cloudtrail:*:*:trail/*' },
};
const OF_ANOTHER_TRAIL = { StringEquals: { 'aws:SourceArn': 'arn:aws:cloudtrail:us-east-1:111122223333:trail/other' } };

export default defineScenarios(encryptLogFiles, {
  clients: CLIENTS,
  faulty: withKey(),
  // No other fault of a trail encrypts it.
  fault: ({ kms }, context) => createKey(kms, context),
  tag: tagTrail,
  scenarios: {
    'policy names a key': { params: NAMED, expected: 'FIXED' },
    'policy names a key, and Terraform manages the trail of all Regions': {
      params: NAMED,
      arrange: withKey({}, { IsMultiRegionTrail: true, TagsList: [{ Key: 'provisioner', Value: 'terraform' }] }),
      expected: 'FIXED',
    },
    'its policy lets CloudTrail use it for trails, as AWS advises': {
      params: { kmsKeyId: 'alias/advised' },
      arrange: withKey({ alias: 'alias/advised', condition: OF_TRAILS }),
      expected: 'FIXED',
    },
    'policy names no key': { expected: 'REFUSED' },
    'there is no such key': { params: { kmsKeyId: 'alias/none' }, expected: 'REFUSED' },
    'the ARN is one of a key that is gone': {
      params: { kmsKeyId: 'arn:{partition}:kms:{region}:{account}:key/00000000-0000-4000-8000-000000000000' },
      expected: 'REFUSED',
    },
    'the key is disabled': { params: { kmsKeyId: 'alias/disabled' }, arrange: disabled, expected: 'REFUSED' },
    'the key is asymmetric': {
      params: { kmsKeyId: 'alias/asymmetric' },
      arrange: withKey({ alias: 'alias/asymmetric', input: { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } }),
      expected: 'REFUSED',
    },
    'the policy of the key leaves CloudTrail out': {
      params: { kmsKeyId: 'alias/closed' },
      arrange: withKey({ alias: 'alias/closed', condition: null }),
      expected: 'REFUSED',
    },
    'the policy of the key lets CloudTrail use it for another trail': {
      params: { kmsKeyId: 'alias/other-trail' },
      arrange: withKey({ alias: 'alias/other-trail', condition: OF_ANOTHER_TRAIL }),
      expected: 'REFUSED',
    },
    'another key encrypts it already': { params: NAMED, arrange: encrypted, expected: 'COMPLIANT' },
    'the trail is at home in another Region': { params: NAMED, arrange: elsewhere, expected: 'REFUSED' },
    'the trail is gone': {
      params: NAMED,
      arrange: async (_, context) => trailResource(context),
      expected: 'COMPLIANT',
    },
  },
});
