/** KMS's CloudFormation resource types. */
import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { bindPolicy } from '../iam/trust.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { createAlias } from './aliases.ts';
import { checkNotLockedOut, createKey, readKeyPolicy, scheduleDeletion } from './keys.ts';
import { canRotate, checkPeriod } from './rotation.ts';
import { type KeyRecord, type KmsAt, type KmsState, keyAt } from './state.ts';

const keyProperties = z.strictObject({
  Description: z.string().optional(),
  Enabled: flag.optional(),
  EnableKeyRotation: flag.optional(),
  RotationPeriodInDays: z.coerce.number().optional(),
  KeyPolicy: z
    .union([z.string(), z.record(z.string(), z.unknown()).transform((policy) => JSON.stringify(policy))])
    .optional(),
  KeySpec: z.enum(['SYMMETRIC_DEFAULT', 'RSA_2048', 'RSA_4096', 'ECC_NIST_P256', 'HMAC_256']).optional(),
  KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC']).optional(),
  MultiRegion: flag.optional(),
  Origin: z.enum(['AWS_KMS', 'EXTERNAL']).optional(),
  PendingWindowInDays: z.coerce.number().min(7).max(30).optional(),
  BypassPolicyLockoutSafetyCheck: flag.optional(),
  Tags: tagsSchema.optional(),
});
type KeyProperties = z.infer<typeof keyProperties>;

const aliasProperties = z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() });

export const kmsResources: Readonly<Record<string, ResourceType<KmsState>>> = {
  'AWS::KMS::Key': {
    create(properties, at, resource) {
      const wanted = parseProperties('AWS::KMS::Key', keyProperties, properties, resource);
      const { KeyPolicy, Description, KeySpec, KeyUsage, MultiRegion, Origin } = wanted;
      const key = createKey({ Policy: KeyPolicy, Description, KeySpec, KeyUsage, MultiRegion, Origin }, at);
      settle(key, wanted, at);
      return madeOf(key, wanted);
    },
    update(made, properties, at, resource) {
      const wanted = parseProperties('AWS::KMS::Key', keyProperties, properties, resource);
      const key = keyAt(at.kernel, at, made.ref);
      if ((wanted.KeySpec ?? 'SYMMETRIC_DEFAULT') !== key.spec || (wanted.MultiRegion ?? false) !== key.multiRegion) {
        throw new AwsError('NotModelled', `${resource.logicalId}: replacing a key is not modelled`, 501);
      }
      key.description = wanted.Description ?? '';
      const policy = readKeyPolicy(wanted.KeyPolicy, at);
      key.policy = bindPolicy(at.kernel, policy, 'MalformedPolicyDocumentException');
      settle(key, wanted, at);
      return madeOf(key, wanted);
    },
    remove(made, at) {
      scheduleDeletion(keyAt(at.kernel, at, made.ref), Number(made.attributes?.PendingWindowInDays), at);
    },
  },
  'AWS::KMS::Alias': {
    create(properties, at, resource) {
      const { AliasName, TargetKeyId } = parseProperties('AWS::KMS::Alias', aliasProperties, properties, resource);
      return { ref: createAlias(AliasName, TargetKeyId, at).name };
    },
    update(made, properties, at, resource) {
      const { AliasName, TargetKeyId } = parseProperties('AWS::KMS::Alias', aliasProperties, properties, resource);
      at.state.aliases.delete(made.ref);
      return { ref: createAlias(AliasName, TargetKeyId, at).name };
    },
    remove(made, at) {
      at.state.aliases.delete(made.ref);
    },
  },
};

/** What creating and updating do alike once the key is there. */
function settle(key: KeyRecord, wanted: KeyProperties, at: KmsAt): void {
  if (!wanted.BypassPolicyLockoutSafetyCheck) checkNotLockedOut(key, readKeyPolicy(wanted.KeyPolicy, at), at);
  if (wanted.EnableKeyRotation && !canRotate(key)) {
    const message = 'You cannot set the EnableKeyRotation property to true on asymmetric or external keys.';
    throw new AwsError('InvalidRequest', message);
  }
  key.rotationPeriod = wanted.EnableKeyRotation ? checkPeriod(wanted.RotationPeriodInDays ?? 365) : undefined;
  key.rotationSince = wanted.EnableKeyRotation ? new Date(at.kernel.clock.now()) : undefined;
  key.tags = new Map(wanted.Tags?.map(({ Key, Value }) => [Key, Value]));
  if (wanted.Enabled === false) key.state = 'Disabled';
}

const madeOf = (key: KeyRecord, { PendingWindowInDays = 30 }: KeyProperties): CreatedResource => ({
  ref: key.id,
  attributes: { Arn: key.arn, KeyId: key.id, PendingWindowInDays },
});
