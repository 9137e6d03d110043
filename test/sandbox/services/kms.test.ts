import { beforeEach, describe, expect, test } from 'vitest';
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { At, Principal } from '../../../sandbox/kernel/kernel.ts';
import { type KmsState, keyNeeds, kms } from '../../../sandbox/services/kms/index.ts';
import {
  allow,
  callAs,
  decidingKernel,
  member,
  placeOf,
  roleSession,
  security,
} from '../authorization/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
const at = placeOf(member);
beforeEach(() => {
  kernel = decidingKernel();
});

const ask = (operation: string, input: object = {}) => kernel.as('kms', operation, input, at);
const newKey = async (input: object = {}) => (await ask('CreateKey', input)).KeyMetadata;
const bytes = (text: string) => new TextEncoder().encode(text);
const keyPolicy = (...more: object[]) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${member}:root` }, Action: 'kms:*', Resource: '*' },
    ...more,
  ],
});

test('what is encrypted opens under the same context only', async () => {
  const { KeyId } = await newKey();
  const context = { EncryptionContext: { table: 'ledger' } };
  const { CiphertextBlob } = await ask('Encrypt', { KeyId, Plaintext: bytes('secret'), ...context });
  const { Plaintext } = await ask('Decrypt', { CiphertextBlob, ...context });
  expect(new TextDecoder().decode(Plaintext)).toBe('secret');
  await expect(ask('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
});

test('a data key comes in the clear and encrypted', async () => {
  const { KeyId } = await newKey();
  const { Plaintext, CiphertextBlob } = await ask('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
  expect(Plaintext).toHaveLength(32);
  expect((await ask('Decrypt', { CiphertextBlob })).Plaintext).toEqual(Plaintext);
});

test('a key answers to its id, its ARN and its aliases', async () => {
  const { KeyId, Arn } = await newKey();
  await ask('CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId });
  for (const name of [KeyId, Arn, 'alias/ledger', `arn:aws:kms:us-east-1:${member}:alias/ledger`]) {
    expect((await ask('DescribeKey', { KeyId: name })).KeyMetadata.KeyId).toBe(KeyId);
  }
  expect((await ask('ListAliases', { KeyId })).Aliases).toMatchObject([
    { AliasName: 'alias/ledger', TargetKeyId: KeyId },
  ]);
  await expect(ask('CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId })).rejects.toMatchObject({
    code: 'AlreadyExistsException',
  });
  await expect(ask('DescribeKey', { KeyId: 'alias/none' })).rejects.toMatchObject({ code: 'NotFoundException' });
});

test('rotation', async () => {
  const { KeyId } = await newKey();
  expect(await ask('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
  await ask('EnableKeyRotation', { KeyId, RotationPeriodInDays: 180 });
  expect(await ask('GetKeyRotationStatus', { KeyId })).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 180,
    NextRotationDate: new Date('2026-06-30T00:00:00Z'),
  });
  await expect(ask('EnableKeyRotation', { KeyId, RotationPeriodInDays: 30 })).rejects.toMatchObject({
    code: 'ValidationException',
  });
  await ask('DisableKeyRotation', { KeyId });
  expect(await ask('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
});

test.each([
  ['asymmetric', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }],
  ['HMAC', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }],
  ['imported', { Origin: 'EXTERNAL' }],
])('a key that is %s cannot rotate by itself', async (_kind, input) => {
  const { KeyId } = await newKey(input);
  await expect(ask('EnableKeyRotation', { KeyId })).rejects.toMatchObject({ code: 'UnsupportedOperationException' });
});

test('the rotation status of imported material cannot be asked', async () => {
  const { KeyId } = await newKey({ Origin: 'EXTERNAL' });
  await expect(ask('GetKeyRotationStatus', { KeyId })).rejects.toMatchObject({ code: 'UnsupportedOperationException' });
});

describe('a multi-Region key', () => {
  const there = { ...at, region: 'eu-west-1' };
  const askThere = (operation: string, input: object) => kernel.as('kms', operation, input, there);
  let KeyId: string;
  beforeEach(async () => {
    ({ KeyId } = await newKey({ MultiRegion: true }));
    await ask('ReplicateKey', { KeyId, ReplicaRegion: there.region });
  });

  test('knows its Regions', async () => {
    const arn = (region: string) => `arn:aws:kms:${region}:${member}:key/${KeyId}`;
    const related = {
      PrimaryKey: { Arn: arn('us-east-1'), Region: 'us-east-1' },
      ReplicaKeys: [{ Arn: arn('eu-west-1'), Region: 'eu-west-1' }],
    };
    expect((await ask('DescribeKey', { KeyId })).KeyMetadata.MultiRegionConfiguration).toEqual({
      MultiRegionKeyType: 'PRIMARY',
      ...related,
    });
    expect((await askThere('DescribeKey', { KeyId })).KeyMetadata).toMatchObject({
      Arn: arn('eu-west-1'),
      MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA', ...related },
    });
  });

  test('rotates everywhere as its primary does', async () => {
    await expect(askThere('EnableKeyRotation', { KeyId })).rejects.toMatchObject({
      code: 'UnsupportedOperationException',
    });
    await ask('EnableKeyRotation', { KeyId });
    expect(await askThere('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: true });
  });

  test('opens in one Region what it sealed in another', async () => {
    const { CiphertextBlob } = await ask('Encrypt', { KeyId, Plaintext: bytes('secret') });
    const opened = await askThere('Decrypt', { CiphertextBlob });
    expect(new TextDecoder().decode(opened.Plaintext)).toBe('secret');
    expect(opened.KeyId).toBe(`arn:aws:kms:eu-west-1:${member}:key/${KeyId}`);
  });

  test('is replicated from its primary, once a Region', async () => {
    await expect(ask('ReplicateKey', { KeyId, ReplicaRegion: there.region })).rejects.toMatchObject({
      code: 'AlreadyExistsException',
    });
    await expect(askThere('ReplicateKey', { KeyId, ReplicaRegion: 'eu-north-1' })).rejects.toMatchObject({
      code: 'UnsupportedOperationException',
    });
  });
});

test('a key that waits for its deletion can be looked at and not used', async () => {
  const { KeyId, Arn } = await newKey();
  await ask('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  expect((await ask('DescribeKey', { KeyId })).KeyMetadata).toMatchObject({
    KeyState: 'PendingDeletion',
    DeletionDate: new Date('2026-01-08T00:00:00Z'),
  });
  const refused = { code: 'KMSInvalidStateException', message: `${Arn} is pending deletion.` };
  await expect(ask('EnableKeyRotation', { KeyId })).rejects.toMatchObject(refused);
  await expect(ask('Encrypt', { KeyId, Plaintext: bytes('x') })).rejects.toMatchObject(refused);
});

test('a disabled key encrypts nothing', async () => {
  const { KeyId } = await newKey();
  await ask('DisableKey', { KeyId });
  await expect(ask('GenerateDataKey', { KeyId, KeySpec: 'AES_256' })).rejects.toMatchObject({
    code: 'DisabledException',
  });
});

test('identity policies count only where the key policy lets the account', async () => {
  const worker = (await roleSession(kernel, member, 'worker', allow('kms:*'))) as Principal & { kind: 'session' };
  const only = (principal: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'kms:*', Resource: '*' }],
  });
  const create = (policy: object) => newKey({ Policy: JSON.stringify(policy), BypassPolicyLockoutSafetyCheck: true });
  const open = await create(only({ AWS: member }));
  const closed = await create(only({ Service: 'logs.us-east-1.amazonaws.com' }));
  expect(await callAs(kernel, worker, 'kms', 'DescribeKey', { KeyId: open.KeyId })).toHaveProperty('KeyMetadata');
  await expect(callAs(kernel, worker, 'kms', 'DescribeKey', { KeyId: closed.KeyId })).rejects.toThrow(
    'because no resource-based policy allows the kms:DescribeKey action',
  );
});

test('a key policy that locks its author out is refused', async () => {
  const { KeyId } = await newKey();
  const statement = { Effect: 'Allow', Principal: { AWS: security }, Action: 'kms:*', Resource: '*' };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await expect(ask('PutKeyPolicy', { KeyId, Policy })).rejects.toThrow('will not allow you to update the key policy');
});

test('a key policy that names a role which does not exist is refused', async () => {
  const Policy = JSON.stringify(
    keyPolicy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${member}:role/none` },
      Action: 'kms:*',
      Resource: '*',
    }),
  );
  await expect(newKey({ Policy })).rejects.toMatchObject({ code: 'MalformedPolicyDocumentException' });
});

test('the key policy reads as it was written', async () => {
  await roleSession(kernel, member, 'worker');
  const policy = keyPolicy({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${member}:role/worker` },
    Action: 'kms:Decrypt',
    Resource: '*',
  });
  const { KeyId } = await newKey({ Policy: JSON.stringify(policy) });
  expect(JSON.parse((await ask('GetKeyPolicy', { KeyId })).Policy)).toEqual(policy);
});

test('a service asks for the caller on the key of a resource', async () => {
  const { Arn } = await newKey();
  const worker = await roleSession(kernel, member, 'worker', {
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

test("AWS's own key of a service serves the account through that service", async () => {
  const worker = await roleSession(kernel, member, 'worker');
  const [need] = keyNeeds(kernel, at, 'alias/aws/sqs', ['kms:Decrypt'], 'sqs.us-east-1.amazonaws.com');
  expect(authorize(kernel, worker, at, need!).decision).toBe('Allow');
  const [elsewhere] = keyNeeds(kernel, at, 'alias/aws/sqs', ['kms:Decrypt'], 'sns.us-east-1.amazonaws.com');
  expect(() => authorize(kernel, worker, at, elsewhere!)).toThrow('no resource-based policy allows');
});

test('a template makes a key that rotates, and an alias', async () => {
  const here: At<KmsState> = {
    ...at,
    kernel,
    principal: kernel.administrator!(member),
    requestId: 'r',
    state: kernel.state(kms, at),
  };
  const resource = { logicalId: 'LedgerKey', stack: 'security' };
  const make = (type: string, properties: object) => kms.resources![type]!.create(properties, here, resource);
  const key = await make('AWS::KMS::Key', { KeyPolicy: keyPolicy(), EnableKeyRotation: true, PendingWindowInDays: 7 });
  const alias = await make('AWS::KMS::Alias', { AliasName: 'alias/ledger', TargetKeyId: key.ref });
  expect(alias.ref).toBe('alias/ledger');
  expect(await ask('GetKeyRotationStatus', { KeyId: key.attributes!.Arn })).toMatchObject({ KeyRotationEnabled: true });
  expect(() => make('AWS::KMS::Key', { KeyPolicy: keyPolicy(), Rotate: true })).toThrow(
    /LedgerKey \(AWS::KMS::Key\).*Rotate/,
  );
});
