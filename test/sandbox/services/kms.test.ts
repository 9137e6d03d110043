import { beforeEach, describe, expect, it } from 'vitest';
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { At, Principal } from '../../../sandbox/kernel/kernel.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { keyNeeds } from '../../../sandbox/services/kms/needs.ts';
import { KMS, type KmsState } from '../../../sandbox/services/kms/state.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import {
  allow,
  callAs,
  decidingKernel,
  MEMBER,
  placeOf,
  roleSession,
  SECURITY_MEMBER,
} from '../support/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
const at = placeOf(MEMBER);
beforeEach(() => {
  kernel = decidingKernel(sns);
});

const call = (operation: string, input: object = {}) => kernel.as('kms', operation, input, at);
const newKey = async (input: object = {}) => (await call('CreateKey', input)).KeyMetadata;
const bytes = (text: string) => new TextEncoder().encode(text);
const keyPolicy = (...more: object[]) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${MEMBER}:root` }, Action: 'kms:*', Resource: '*' },
    ...more,
  ],
});

it('decrypts with the same encryption context only', async () => {
  const { KeyId } = await newKey();
  const context = { EncryptionContext: { table: 'ledger' } };
  const { CiphertextBlob } = await call('Encrypt', { KeyId, Plaintext: bytes('secret'), ...context });
  const { Plaintext } = await call('Decrypt', { CiphertextBlob, ...context });
  expect(new TextDecoder().decode(Plaintext)).toBe('secret');
  await expect(call('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
});

it('returns a data key in plaintext and encrypted', async () => {
  const { KeyId } = await newKey();
  const { Plaintext, CiphertextBlob } = await call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
  expect(Plaintext).toHaveLength(32);
  expect((await call('Decrypt', { CiphertextBlob })).Plaintext).toEqual(Plaintext);
});

it('makes and verifies codes with a key for them, and with no other key or message', async () => {
  const MacAlgorithm = 'HMAC_SHA_256';
  const forMacs = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
  const [{ KeyId }, other, forData] = [await newKey(forMacs), await newKey(forMacs), await newKey()];
  const signed = { KeyId, MacAlgorithm, Message: bytes('a plan') };
  const { Mac } = await call('GenerateMac', signed);
  expect(Mac).toHaveLength(32);
  expect(await call('VerifyMac', { ...signed, Mac })).toMatchObject({ MacValid: true });
  for (const forged of [{ Message: bytes('another plan') }, { KeyId: other.KeyId }, { Mac: Mac.slice(1) }])
    await expect(call('VerifyMac', { ...signed, Mac, ...forged })).rejects.toMatchObject({
      code: 'KMSInvalidMacException',
    });
  for (const unfit of [{ KeyId: forData.KeyId }, { MacAlgorithm: 'HMAC_SHA_512' }])
    await expect(call('GenerateMac', { ...signed, ...unfit })).rejects.toMatchObject({
      code: 'InvalidKeyUsageException',
    });
});

it('finds a key by id, ARN and alias', async () => {
  const { KeyId, Arn } = await newKey();
  await call('CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId });
  for (const name of [KeyId, Arn, 'alias/ledger', `arn:aws:kms:us-east-1:${MEMBER}:alias/ledger`]) {
    expect((await call('DescribeKey', { KeyId: name })).KeyMetadata.KeyId).toBe(KeyId);
  }
  expect((await call('ListAliases', { KeyId })).Aliases).toMatchObject([
    { AliasName: 'alias/ledger', TargetKeyId: KeyId },
  ]);
  await expect(call('CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId })).rejects.toMatchObject({
    code: 'AlreadyExistsException',
  });
  await expect(call('DescribeKey', { KeyId: 'alias/none' })).rejects.toMatchObject({ code: 'NotFoundException' });
});

it('enables and disables rotation', async () => {
  const { KeyId } = await newKey();
  expect(await call('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
  await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 180 });
  expect(await call('GetKeyRotationStatus', { KeyId })).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 180,
    NextRotationDate: new Date('2026-06-30T00:00:00Z'),
  });
  await expect(call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 30 })).rejects.toMatchObject({
    code: 'ValidationException',
  });
  await call('DisableKeyRotation', { KeyId });
  expect(await call('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
});

it.each([
  ['asymmetric', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }],
  ['HMAC', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }],
  ['imported', { Origin: 'EXTERNAL' }],
])('does not rotate %s keys', async (_kind, input) => {
  const { KeyId } = await newKey(input);
  await expect(call('EnableKeyRotation', { KeyId })).rejects.toMatchObject({ code: 'UnsupportedOperationException' });
});

it('has no rotation status for imported key material', async () => {
  const { KeyId } = await newKey({ Origin: 'EXTERNAL' });
  await expect(call('GetKeyRotationStatus', { KeyId })).rejects.toMatchObject({
    code: 'UnsupportedOperationException',
  });
});

describe('a multi-Region key', () => {
  const replicaPlace = { ...at, region: 'eu-west-1' };
  const callInReplicaRegion = (operation: string, input: object) => kernel.as('kms', operation, input, replicaPlace);
  let KeyId: string;
  beforeEach(async () => {
    ({ KeyId } = await newKey({ MultiRegion: true }));
    const { ReplicaKeyMetadata } = await call('ReplicateKey', { KeyId, ReplicaRegion: replicaPlace.region });
    expect(ReplicaKeyMetadata).toMatchObject({ KeyState: 'Creating', Enabled: false });
  });

  it('describes its Regions', async () => {
    const arn = (region: string) => `arn:aws:kms:${region}:${MEMBER}:key/${KeyId}`;
    const related = {
      PrimaryKey: { Arn: arn('us-east-1'), Region: 'us-east-1' },
      ReplicaKeys: [{ Arn: arn('eu-west-1'), Region: 'eu-west-1' }],
    };
    expect((await call('DescribeKey', { KeyId })).KeyMetadata.MultiRegionConfiguration).toEqual({
      MultiRegionKeyType: 'PRIMARY',
      ...related,
    });
    expect((await callInReplicaRegion('DescribeKey', { KeyId })).KeyMetadata).toMatchObject({
      Arn: arn('eu-west-1'),
      MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA', ...related },
    });
  });

  it('has the rotation of its primary key in every Region', async () => {
    await expect(callInReplicaRegion('EnableKeyRotation', { KeyId })).rejects.toMatchObject({
      code: 'UnsupportedOperationException',
    });
    await call('EnableKeyRotation', { KeyId });
    expect(await callInReplicaRegion('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: true });
  });

  it('decrypts in one Region ciphertexts of another', async () => {
    const { CiphertextBlob } = await call('Encrypt', { KeyId, Plaintext: bytes('secret') });
    const decrypted = await callInReplicaRegion('Decrypt', { CiphertextBlob });
    expect(new TextDecoder().decode(decrypted.Plaintext)).toBe('secret');
    expect(decrypted.KeyId).toBe(`arn:aws:kms:eu-west-1:${MEMBER}:key/${KeyId}`);
  });

  it('is replicated from its primary key, once per Region', async () => {
    await expect(call('ReplicateKey', { KeyId, ReplicaRegion: replicaPlace.region })).rejects.toMatchObject({
      code: 'AlreadyExistsException',
    });
    await expect(callInReplicaRegion('ReplicateKey', { KeyId, ReplicaRegion: 'eu-north-1' })).rejects.toMatchObject({
      code: 'UnsupportedOperationException',
    });
  });

  it('waits for its replicas to be deleted, until its deletion is cancelled', async () => {
    await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 9 });
    const waiting = (await call('DescribeKey', { KeyId })).KeyMetadata;
    expect(waiting).toMatchObject({ KeyState: 'PendingReplicaDeletion', PendingDeletionWindowInDays: 9 });
    expect(waiting).not.toHaveProperty('DeletionDate');
    await expect(call('EnableKey', { KeyId })).rejects.toMatchObject({ code: 'KMSInvalidStateException' });
    await call('CancelKeyDeletion', { KeyId });
    const { KeyMetadata } = await call('DescribeKey', { KeyId });
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled' });
    expect(KeyMetadata).not.toHaveProperty('PendingDeletionWindowInDays');
  });
});

it('describes a key that is pending deletion, but does not use it', async () => {
  const { KeyId, Arn } = await newKey();
  await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  expect((await call('DescribeKey', { KeyId })).KeyMetadata).toMatchObject({
    KeyState: 'PendingDeletion',
    DeletionDate: new Date('2026-01-08T00:00:00Z'),
  });
  const failure = { code: 'KMSInvalidStateException', message: `${Arn} is pending deletion.` };
  await expect(call('EnableKeyRotation', { KeyId })).rejects.toMatchObject(failure);
  await expect(call('Encrypt', { KeyId, Plaintext: bytes('x') })).rejects.toMatchObject(failure);
});

it('does not encrypt with a disabled key', async () => {
  const { KeyId } = await newKey();
  await call('DisableKey', { KeyId });
  await expect(call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' })).rejects.toMatchObject({
    code: 'DisabledException',
  });
});

it('applies identity policies only if the key policy allows the account', async () => {
  const worker = (await roleSession(kernel, MEMBER, 'worker', allow('kms:*'))) as Principal & { kind: 'session' };
  const allowOnly = (principal: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'kms:*', Resource: '*' }],
  });
  const create = (policy: object) => newKey({ Policy: JSON.stringify(policy), BypassPolicyLockoutSafetyCheck: true });
  const ofAccount = await create(allowOnly({ AWS: MEMBER }));
  const ofService = await create(allowOnly({ Service: 'logs.us-east-1.amazonaws.com' }));
  expect(await callAs(kernel, worker, 'kms', 'DescribeKey', { KeyId: ofAccount.KeyId })).toHaveProperty('KeyMetadata');
  await expect(callAs(kernel, worker, 'kms', 'DescribeKey', { KeyId: ofService.KeyId })).rejects.toThrow(
    'because no resource-based policy allows the kms:DescribeKey action',
  );
});

it('rejects a key policy that locks out the caller', async () => {
  const { KeyId } = await newKey();
  const statement = { Effect: 'Allow', Principal: { AWS: SECURITY_MEMBER }, Action: 'kms:*', Resource: '*' };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await expect(call('PutKeyPolicy', { KeyId, Policy })).rejects.toThrow('will not allow you to update the key policy');
});

it('rejects a key policy that names a role which does not exist', async () => {
  const Policy = JSON.stringify(
    keyPolicy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${MEMBER}:role/none` },
      Action: 'kms:*',
      Resource: '*',
    }),
  );
  await expect(newKey({ Policy })).rejects.toMatchObject({
    code: 'MalformedPolicyDocumentException',
    message: 'Policy contains a statement with one or more invalid principals.',
  });
});

it('returns a key policy as it was written', async () => {
  await roleSession(kernel, MEMBER, 'worker');
  const policy = keyPolicy({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${MEMBER}:role/worker` },
    Action: 'kms:Decrypt',
    Resource: '*',
  });
  const { KeyId } = await newKey({ Policy: JSON.stringify(policy) });
  expect(JSON.parse((await call('GetKeyPolicy', { KeyId })).Policy)).toEqual(policy);
});

it('uses the key of a resource with the permissions of the caller, through the service', async () => {
  const { Arn } = await newKey();
  const worker = await roleSession(kernel, MEMBER, 'worker', {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'kms:*',
        Resource: '*',
        Condition: { StringEquals: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } },
      },
    ],
  });
  const needs = (via: string) => keyNeeds(kernel, at, Arn, ['kms:GenerateDataKey', 'kms:Decrypt'], via);
  for (const need of needs('sqs.us-east-1.amazonaws.com'))
    expect(authorize(kernel, worker, at, need).decision).toBe('Allow');
  expect(() => authorize(kernel, worker, at, needs('sns.us-east-1.amazonaws.com')[0]!, 'sns')).toThrow(
    expect.objectContaining({ code: 'KMSAccessDeniedException' }),
  );
  expect(keyNeeds(kernel, at, undefined, ['kms:Decrypt'], 'sqs.us-east-1.amazonaws.com')).toEqual([]);
});

it('allows the AWS managed key of a service to every principal of the account, through that service only', async () => {
  const worker = await roleSession(kernel, MEMBER, 'worker');
  const [need] = keyNeeds(kernel, at, 'alias/aws/sqs', ['kms:Decrypt'], 'sqs.us-east-1.amazonaws.com');
  expect(authorize(kernel, worker, at, need!).decision).toBe('Allow');
  const [otherService] = keyNeeds(kernel, at, 'alias/aws/sqs', ['kms:Decrypt'], 'sns.us-east-1.amazonaws.com');
  expect(() => authorize(kernel, worker, at, otherService!)).toThrow('no resource-based policy allows');
});

it('creates the key of a template, with rotation, and its alias', async () => {
  const here: At<KmsState> = {
    ...at,
    kernel,
    principal: kernel.administrator!(MEMBER),
    requestId: 'r',
    state: kernel.state(KMS, at),
  };
  const resource = { logicalId: 'LedgerKey', stack: 'security' };
  const createResource = (type: string, properties: object) => kms.resources![type]!.create(properties, here, resource);
  const key = await createResource('AWS::KMS::Key', {
    KeyPolicy: keyPolicy(),
    EnableKeyRotation: true,
    PendingWindowInDays: 7,
  });
  const alias = await createResource('AWS::KMS::Alias', { AliasName: 'alias/ledger', TargetKeyId: key.ref });
  expect(alias.ref).toBe('alias/ledger');
  expect(await call('GetKeyRotationStatus', { KeyId: key.attributes!.Arn })).toMatchObject({
    KeyRotationEnabled: true,
  });
  expect(() => createResource('AWS::KMS::Key', { KeyPolicy: keyPolicy(), Rotate: true })).toThrow(
    /LedgerKey \(AWS::KMS::Key\).*Rotate/,
  );
});

it.each([
  ['a reserved key', [{ TagKey: 'aws:team', TagValue: 'a' }], 'TagException'],
  [
    'a key twice',
    [
      { TagKey: 'a', TagValue: '1' },
      { TagKey: 'a', TagValue: '2' },
    ],
    'TagException',
  ],
  ['a key that is too long', [{ TagKey: 'a'.repeat(129), TagValue: '' }], 'ValidationException'],
  ['a value that is too long', [{ TagKey: 'a', TagValue: 'a'.repeat(257) }], 'ValidationException'],
  ['an empty key', [{ TagKey: '', TagValue: 'a' }], 'ValidationException'],
  ['more than 50 tags', Array.from({ length: 51 }, (_, n) => ({ TagKey: `t${n}`, TagValue: '' })), 'TagException'],
])('refuses tags with %s', async (_, Tags, code) => {
  await expect(newKey({ Tags })).rejects.toMatchObject({ code });
  const { KeyId } = await newKey();
  await expect(call('TagResource', { KeyId, Tags })).rejects.toMatchObject({ code });
});

it.each([
  ['an id of another form', 'a-key', "Invalid keyId 'a-key'"],
  [
    'an ARN of another Region',
    `arn:aws:kms:ap-south-1:${MEMBER}:key/0a1b2c3d-0000-4000-8000-0123456789ab`,
    'ap-south-1',
  ],
])('does not find a key by %s', async (_, KeyId, message) => {
  await expect(call('DescribeKey', { KeyId })).rejects.toMatchObject({
    code: 'NotFoundException',
    message: expect.stringContaining(message),
  });
});
