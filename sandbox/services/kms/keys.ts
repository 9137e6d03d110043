import type * as sdk from '@aws-sdk/client-kms';
import { decideAccess } from '../../authorization/authorize.ts';
import { type IamPolicy, parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Kernel, type ServiceOperations } from '../../kernel/kernel.ts';
import { bindPolicy, unbindPolicy } from '../iam/bound-policy.ts';
import { notModelled, pageOf } from '../requests.ts';
import { multiRegionConfiguration } from './multi-region.ts';
import { kmsNeed, needsOnKey } from './needs.ts';
import {
  checkNotPendingDeletion,
  existingKey,
  isPendingDeletion,
  type KeyRecord,
  type KmsAt,
  type KmsState,
  kmsArn,
} from './state.ts';
import { parseKeyTags } from './tags.ts';

const DAY_MS = 86_400_000;
const MAX_POLICY_BYTES = 32_768;
const MALFORMED_KEY_POLICY = 'MalformedPolicyDocumentException';

export const invalidKeyPrincipal = (): AwsError =>
  new AwsError(MALFORMED_KEY_POLICY, 'Policy contains a statement with one or more invalid principals.');

export function createKmsKey(input: sdk.CreateKeyCommandInput, at: KmsAt): KeyRecord {
  const spec = input.KeySpec ?? 'SYMMETRIC_DEFAULT';
  const usage = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  if (!usagesOf(spec).includes(usage))
    throw new AwsError('ValidationException', `KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  const origin = input.Origin ?? 'AWS_KMS';
  if (origin !== 'AWS_KMS' && origin !== 'EXTERNAL') throw notModelled(`keys of origin ${origin}`);
  const id = input.MultiRegion ? at.kernel.id('mrk-', 32) : at.kernel.uuid('key/');
  const key: KeyRecord = {
    id,
    arn: kmsArn(at, `key/${id}`),
    account: at.account,
    createdAt: new Date(at.kernel.clock.now()),
    usage,
    spec,
    origin,
    manager: 'CUSTOMER',
    multiRegion: input.MultiRegion ?? false,
    description: input.Description ?? '',
    state: origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
    policy: bindPolicy(at.kernel, parseKeyPolicy(input.Policy, at), invalidKeyPrincipal),
    tags: parseKeyTags(input.Tags, at.principal),
  };
  at.state.keys.set(id, key);
  return key;
}

function usagesOf(spec: sdk.KeySpec): readonly sdk.KeyUsageType[] {
  if (spec === 'SYMMETRIC_DEFAULT') return ['ENCRYPT_DECRYPT'];
  if (spec.startsWith('HMAC_')) return ['GENERATE_VERIFY_MAC'];
  return spec.startsWith('RSA_') ? ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'] : ['SIGN_VERIFY', 'KEY_AGREEMENT'];
}

/** The default policy leaves every decision to the account's identity policies. */
export function parseKeyPolicy(text: string | undefined, at: KmsAt): IamPolicy {
  if (text === undefined) return defaultPolicy(at);
  if (text.length > MAX_POLICY_BYTES)
    throw new AwsError('LimitExceededException', `Policy size exceeds ${MAX_POLICY_BYTES} bytes.`);
  return parseIamPolicy(text, 'resource', MALFORMED_KEY_POLICY);
}

const defaultPolicy = (at: KmsAt): IamPolicy => ({
  Version: '2012-10-17',
  Id: 'key-default-1',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:${at.partition}:iam::${at.account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/**
 * Checks that the new policy still allows PutKeyPolicy to the caller.
 * @throws AwsError MalformedPolicyDocumentException
 */
export function checkNotLockedOut(key: KeyRecord, policy: IamPolicy, at: KmsAt): void {
  const changedKey = { ...key, policy: bindPolicy(at.kernel, policy, invalidKeyPrincipal) };
  if (decideAccess(at.kernel, at.principal, at, kmsNeed(changedKey, 'kms:PutKeyPolicy')).decision === 'Allow') return;
  throw new AwsError(
    MALFORMED_KEY_POLICY,
    'The new key policy will not allow you to update the key policy in the future.',
  );
}

/** The waiting period of a primary key begins when its last replica is deleted. The sandbox deletes no key. */
export function scheduleDeletion(key: KeyRecord, days: number, at: KmsAt): void {
  if (key.replicaRegions?.length) {
    key.state = 'PendingReplicaDeletion';
    key.waitingDays = days;
    return;
  }
  key.state = 'PendingDeletion';
  key.deletionAt = new Date(at.kernel.clock.now() + days * DAY_MS);
}

export const keyMetadata = (kernel: Kernel, key: KeyRecord): sdk.KeyMetadata => ({
  AWSAccountId: key.account,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: key.createdAt,
  Enabled: key.state === 'Enabled',
  Description: key.description,
  KeyUsage: key.usage,
  KeyState: key.state,
  ...(key.deletionAt && { DeletionDate: key.deletionAt }),
  ...(key.state === 'PendingReplicaDeletion' && { PendingDeletionWindowInDays: key.waitingDays }),
  Origin: key.origin,
  KeyManager: key.manager,
  KeySpec: key.spec,
  CustomerMasterKeySpec: key.spec as sdk.CustomerMasterKeySpec,
  ...(key.spec === 'SYMMETRIC_DEFAULT' && { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }),
  MultiRegion: key.multiRegion,
  MultiRegionConfiguration: multiRegionConfiguration(kernel, key),
});

/** @throws AwsError AccessDeniedException for a key that AWS manages */
function changeableKey(input: { KeyId?: string | undefined }, at: KmsAt): KeyRecord {
  const key = existingKey(at.kernel, at, input.KeyId ?? '');
  if (key.manager === 'AWS')
    throw new AwsError(
      'AccessDeniedException',
      `User: ${callerOf(at)} is not authorized to perform this operation on ${key.arn}`,
    );
  return key;
}

const callerOf = ({ principal }: KmsAt): string => (principal.kind === 'service' ? principal.service : principal.arn);

const invalidMarker = () => new AwsError('InvalidMarkerException', 'Could not deserialize marker');

export function kmsPage<T>(items: readonly T[], input: { Marker?: string | undefined; Limit?: number | undefined }) {
  const { items: page, nextToken } = pageOf(items, input.Marker, input.Limit ?? 100, invalidMarker);
  return { items: page, Truncated: nextToken !== undefined, ...(nextToken && { NextMarker: nextToken }) };
}

export const keyOperations: ServiceOperations<typeof sdk, KmsState> = {
  CreateKey: {
    needs: (input) => [
      {
        action: 'kms:CreateKey',
        resource: '*',
        context: {
          'kms:KeySpec': input.KeySpec ?? 'SYMMETRIC_DEFAULT',
          'kms:KeyUsage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
          'kms:KeyOrigin': input.Origin ?? 'AWS_KMS',
        },
      },
      ...(input.Tags?.length ? [{ action: 'kms:TagResource', resource: '*' }] : []),
    ],
    run(input, at) {
      const key = createKmsKey(input, at);
      if (input.Policy !== undefined && !input.BypassPolicyLockoutSafetyCheck) {
        try {
          checkNotLockedOut(key, parseKeyPolicy(input.Policy, at), at);
        } catch (error) {
          at.state.keys.delete(key.id);
          throw error;
        }
      }
      return { KeyMetadata: keyMetadata(at.kernel, key) };
    },
  },
  DescribeKey: {
    needs: needsOnKey('DescribeKey'),
    run: (input, at) => ({ KeyMetadata: keyMetadata(at.kernel, existingKey(at.kernel, at, input.KeyId ?? '')) }),
  },
  ListKeys: {
    run(input, at) {
      const keys = [...at.state.keys.values()].map(({ id, arn }) => ({ KeyId: id, KeyArn: arn }));
      const { items, ...rest } = kmsPage(keys, input);
      return { Keys: items, ...rest };
    },
  },
  GetKeyPolicy: {
    needs: needsOnKey('GetKeyPolicy'),
    run(input, at) {
      if ((input.PolicyName ?? 'default') !== 'default')
        throw new AwsError('NotFoundException', 'No such policy exists');
      const key = existingKey(at.kernel, at, input.KeyId ?? '');
      return { Policy: JSON.stringify(unbindPolicy(at.kernel, key.policy), undefined, 2), PolicyName: 'default' };
    },
  },
  PutKeyPolicy: {
    needs: needsOnKey('PutKeyPolicy'),
    run(input, at) {
      const key = changeableKey(input, at);
      checkNotPendingDeletion(key);
      const policy = parseKeyPolicy(input.Policy ?? '', at);
      if (!input.BypassPolicyLockoutSafetyCheck) checkNotLockedOut(key, policy, at);
      key.policy = bindPolicy(at.kernel, policy, invalidKeyPrincipal);
      return {};
    },
  },
  EnableKey: {
    needs: needsOnKey('EnableKey'),
    run(input, at) {
      const key = changeableKey(input, at);
      checkNotPendingDeletion(key);
      key.state = 'Enabled';
      return {};
    },
  },
  DisableKey: {
    needs: needsOnKey('DisableKey'),
    run(input, at) {
      const key = changeableKey(input, at);
      checkNotPendingDeletion(key);
      key.state = 'Disabled';
      return {};
    },
  },
  ScheduleKeyDeletion: {
    needs: (input, at) => [
      kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), 'kms:ScheduleKeyDeletion', {
        'kms:ScheduleKeyDeletionPendingWindowInDays': String(input.PendingWindowInDays ?? 30),
      }),
    ],
    run(input, at) {
      const key = changeableKey(input, at);
      checkNotPendingDeletion(key);
      const days = input.PendingWindowInDays ?? 30;
      if (days < 7 || days > 30)
        throw new AwsError('ValidationException', 'PendingWindowInDays must be between 7 and 30');
      scheduleDeletion(key, days, at);
      return { KeyId: key.arn, DeletionDate: key.deletionAt, KeyState: key.state, PendingWindowInDays: days };
    },
  },
  CancelKeyDeletion: {
    needs: needsOnKey('CancelKeyDeletion'),
    run(input, at) {
      const key = changeableKey(input, at);
      if (!isPendingDeletion(key))
        throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
      key.state = 'Disabled';
      key.deletionAt = undefined;
      return { KeyId: key.arn };
    },
  },
  TagResource: {
    needs: (input, at) => [
      kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), 'kms:TagResource', {
        ...Object.fromEntries(
          (input.Tags ?? []).map(({ TagKey, TagValue }) => [`aws:RequestTag/${TagKey}`, TagValue ?? '']),
        ),
        'aws:TagKeys': (input.Tags ?? []).map(({ TagKey }) => TagKey ?? ''),
      }),
    ],
    run(input, at) {
      const key = changeableKey(input, at);
      checkNotPendingDeletion(key);
      for (const [tag, value] of parseKeyTags(input.Tags, at.principal, key.tags)) key.tags.set(tag, value);
      return {};
    },
  },
  UntagResource: {
    needs: (input, at) => [
      kmsNeed(existingKey(at.kernel, at, input.KeyId ?? ''), 'kms:UntagResource', {
        'aws:TagKeys': input.TagKeys ?? [],
      }),
    ],
    run(input, at) {
      const key = changeableKey(input, at);
      checkNotPendingDeletion(key);
      for (const tag of input.TagKeys ?? []) key.tags.delete(tag);
      return {};
    },
  },
  ListResourceTags: {
    needs: needsOnKey('ListResourceTags'),
    run(input, at) {
      const { tags } = existingKey(at.kernel, at, input.KeyId ?? '');
      const { items, ...rest } = kmsPage([...tags], input);
      return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...rest };
    },
  },
};
