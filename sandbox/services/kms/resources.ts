import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { bindPolicy } from '../iam/bound-policy.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { createAlias } from './aliases.ts';
import { checkNotLockedOut, createKmsKey, invalidKeyPrincipal, parseKeyPolicy, scheduleDeletion } from './keys.ts';
import { canRotate, checkRotationPeriod } from './rotation.ts';
import { existingKey, type KeyRecord, type KmsAt, type KmsState } from './state.ts';

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
    adopt({ KeyId = '' }, at) {
      const key = at.state.keys.get(KeyId);
      return key && createdKey(key, {});
    },
    create(properties, at, resource) {
      const desired = parseProperties('AWS::KMS::Key', keyProperties, properties, resource);
      const { KeyPolicy, Description, KeySpec, KeyUsage, MultiRegion, Origin } = desired;
      const key = createKmsKey({ Policy: KeyPolicy, Description, KeySpec, KeyUsage, MultiRegion, Origin }, at);
      applyProperties(key, desired, at);
      return createdKey(key, desired);
    },
    update(existing, properties, at, resource) {
      const desired = parseProperties('AWS::KMS::Key', keyProperties, properties, resource);
      const key = existingKey(at.kernel, at, existing.ref);
      if ((desired.KeySpec ?? 'SYMMETRIC_DEFAULT') !== key.spec || (desired.MultiRegion ?? false) !== key.multiRegion)
        throw new AwsError('NotModelled', `${resource.logicalId}: replacing a key is not modelled`, 501);
      key.description = desired.Description ?? '';
      const policy = parseKeyPolicy(desired.KeyPolicy, at);
      key.policy = bindPolicy(at.kernel, policy, invalidKeyPrincipal);
      applyProperties(key, desired, at);
      return createdKey(key, desired);
    },
    remove(existing, at) {
      scheduleDeletion(existingKey(at.kernel, at, existing.ref), Number(existing.attributes?.PendingWindowInDays), at);
    },
  },
  'AWS::KMS::Alias': {
    create(properties, at, resource) {
      const { AliasName, TargetKeyId } = parseProperties('AWS::KMS::Alias', aliasProperties, properties, resource);
      return { ref: createAlias(AliasName, TargetKeyId, at).name };
    },
    update(existing, properties, at, resource) {
      const { AliasName, TargetKeyId } = parseProperties('AWS::KMS::Alias', aliasProperties, properties, resource);
      at.state.aliases.delete(existing.ref);
      return { ref: createAlias(AliasName, TargetKeyId, at).name };
    },
    remove(existing, at) {
      at.state.aliases.delete(existing.ref);
    },
  },
};

function applyProperties(key: KeyRecord, desired: KeyProperties, at: KmsAt): void {
  if (!desired.BypassPolicyLockoutSafetyCheck) checkNotLockedOut(key, parseKeyPolicy(desired.KeyPolicy, at), at);
  if (desired.EnableKeyRotation && !canRotate(key)) {
    const message = 'You cannot set the EnableKeyRotation property to true on asymmetric or external keys.';
    throw new AwsError('InvalidRequest', message);
  }
  key.rotationPeriodDays = desired.EnableKeyRotation
    ? checkRotationPeriod(desired.RotationPeriodInDays ?? 365)
    : undefined;
  key.rotationEnabledAt = desired.EnableKeyRotation ? new Date(at.kernel.clock.now()) : undefined;
  key.tags = new Map(desired.Tags?.map(({ Key, Value }) => [Key, Value]));
  if (desired.Enabled === false) key.state = 'Disabled';
}

const createdKey = (key: KeyRecord, { PendingWindowInDays = 30 }: KeyProperties): CreatedResource => ({
  ref: key.id,
  attributes: { Arn: key.arn, KeyId: key.id, PendingWindowInDays },
});
