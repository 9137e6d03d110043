/** What KMS holds in an account and Region, and how a key is found. */
import type { KeySpec, KeyUsageType, OriginType } from '@aws-sdk/client-kms';
import type { IamPolicy } from '../../authorization/policy.ts';
import { type At, AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { BoundPolicy } from '../iam/trust.ts';
import { kms } from './index.ts';

export type KeyRecord = {
  readonly id: string;
  readonly arn: string;
  readonly account: string;
  readonly createdAt: Date;
  readonly usage: KeyUsageType;
  readonly spec: KeySpec;
  readonly origin: OriginType;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly multiRegion: boolean;
  description: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';
  deletionAt?: Date;
  policy: BoundPolicy;
  tags: Map<string, string>;
  /** Days between rotations; undefined where they are off. */
  rotationPeriod?: number;
  rotationSince?: Date;
  /** Where the primary key is, for a replica of a multi-Region key. */
  primaryRegion?: string;
  /** Of a primary key. */
  replicaRegions?: readonly string[];
};

export type AliasRecord = { readonly name: string; readonly arn: string; keyId: string; readonly createdAt: Date };

export type KmsState = { keys: Map<string, KeyRecord>; aliases: Map<string, AliasRecord> };
export type KmsAt = At<KmsState>;

export const kmsArn = (place: AwsPlace, resource: string): string =>
  `arn:${place.partition}:kms:${place.region}:${place.account}:${resource}`;

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);

/**
 * A key by its id, ARN, alias name or alias ARN; an ARN may lead to another account and Region.
 * @throws AwsError NotFoundException
 */
export function keyAt(kernel: Kernel, place: AwsPlace, keyId: string): KeyRecord {
  const [, region = place.region, account = place.account, resource = keyId] =
    /^arn:[\w-]+:kms:([\w-]+):(\d{12}):(.+)$/.exec(keyId) ?? [];
  const home: AwsPlace = { partition: place.partition, account, region };
  const state = kernel.state(kms, home);
  if (!resource.startsWith('alias/')) {
    const id = resource.replace(/^key\//, '');
    const key = state.keys.get(id);
    if (!key) throw notFound(`Key '${kmsArn(home, `key/${id}`)}' does not exist`);
    return key;
  }
  const alias = state.aliases.get(resource);
  if (alias) return state.keys.get(alias.keyId)!;
  if (/^alias\/aws\/[\w-]+$/.test(resource)) return awsManagedKey(kernel, home, resource);
  throw notFound(`Alias ${kmsArn(home, resource)} is not found.`);
}

/** @throws AwsError DisabledException, KMSInvalidStateException for a key that cannot be used now */
export function checkUsable(key: KeyRecord): void {
  if (key.state === 'Enabled') return;
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  throw invalidState(key);
}

/** @throws AwsError KMSInvalidStateException */
export function checkNotLeaving(key: KeyRecord): void {
  if (key.state === 'PendingDeletion') throw invalidState(key);
}

const invalidState = (key: KeyRecord): AwsError =>
  new AwsError(
    'KMSInvalidStateException',
    `${key.arn} is ${key.state === 'PendingDeletion' ? 'pending deletion' : 'pending import'}.`,
  );

/**
 * The key that AWS makes for a service when it is first used there. Whoever may use the service in the account may
 * use the key through it, and nobody else.
 */
function awsManagedKey(kernel: Kernel, place: AwsPlace, aliasName: string): KeyRecord {
  const service = aliasName.slice('alias/aws/'.length);
  const id = kernel.uuid();
  const now = new Date(kernel.clock.now());
  const key: KeyRecord = {
    id,
    arn: kmsArn(place, `key/${id}`),
    account: place.account,
    createdAt: now,
    usage: 'ENCRYPT_DECRYPT',
    spec: 'SYMMETRIC_DEFAULT',
    origin: 'AWS_KMS',
    manager: 'AWS',
    multiRegion: false,
    description: `Default key that protects data when no other key is defined (${service})`,
    state: 'Enabled',
    policy: { document: throughService(place, service), names: new Map() },
    tags: new Map(),
    rotationPeriod: 365,
    rotationSince: now,
  };
  const state = kernel.state(kms, place);
  state.keys.set(id, key);
  state.aliases.set(aliasName, { name: aliasName, arn: kmsArn(place, aliasName), keyId: id, createdAt: now });
  return key;
}

const throughService = (place: AwsPlace, service: string): IamPolicy => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      Resource: '*',
      Condition: {
        StringEquals: {
          'kms:CallerAccount': place.account,
          'kms:ViaService': `${service}.${place.region}.amazonaws.com`,
        },
      },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:${place.partition}:iam::${place.account}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
      Resource: '*',
    },
  ],
});
