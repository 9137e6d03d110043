import type { KeySpec, KeyUsageType, OriginType } from '@aws-sdk/client-kms';
import type { IamPolicy } from '../../authorization/policy.ts';
import { type At, AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';
import type { BoundPolicy } from '../iam/state.ts';

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
  state: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingReplicaDeletion' | 'PendingImport';
  deletionAt?: Date;
  /** The waiting period of a primary key that waits for the deletion of its replicas. */
  waitingDays?: number;
  policy: BoundPolicy;
  tags: Map<string, string>;
  /** Undefined if automatic rotation is off. */
  rotationPeriodDays?: number;
  rotationEnabledAt?: Date;
  /** Only for replicas of a multi-Region key. */
  primaryRegion?: string;
  /** Only for a multi-Region primary key. */
  replicaRegions?: readonly string[];
};

export type AliasRecord = { readonly name: string; readonly arn: string; keyId: string; readonly createdAt: Date };

export type KmsState = { keys: Map<string, KeyRecord>; aliases: Map<string, AliasRecord> };
export type KmsAt = At<KmsState>;

export const KMS: StateKey<KmsState> = {
  name: 'kms',
  scope: 'region',
  state: () => ({ keys: new Map(), aliases: new Map() }),
};

export const kmsArn = (place: AwsPlace, resource: string): string =>
  `arn:${place.partition}:kms:${place.region}:${place.account}:${resource}`;

export const kmsNotFound = (message: string): AwsError => new AwsError('NotFoundException', message);

const KEY_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

/**
 * Accepts id, ARN, alias name and alias ARN; an ARN may name another account. Creates an AWS managed key at its first
 * use.
 * @throws AwsError NotFoundException
 */
export function existingKey(kernel: Kernel, place: AwsPlace, keyId: string): KeyRecord {
  const match = /^arn:[\w-]+:kms:(?<region>[\w-]+):(?<account>\d{12}):(?<resource>.+)$/.exec(keyId);
  const { region = place.region, account = place.account, resource = keyId } = match?.groups ?? {};
  if (region !== place.region) throw kmsNotFound(`Invalid arn ${region}`);
  const home: AwsPlace = { partition: place.partition, account, region };
  const state = kernel.state(KMS, home);
  if (!resource.startsWith('alias/')) {
    const id = resource.replace(/^key\//, '');
    if (!KEY_ID.test(id)) throw kmsNotFound(`Invalid keyId '${keyId}'`);
    const key = state.keys.get(id);
    if (!key) throw kmsNotFound(`Key '${kmsArn(home, `key/${id}`)}' does not exist`);
    return key;
  }
  const alias = state.aliases.get(resource);
  if (alias) return state.keys.get(alias.keyId)!;
  if (/^alias\/aws\/[\w-]+$/.test(resource)) return createAwsManagedKey(kernel, home, resource);
  throw kmsNotFound(`Alias ${kmsArn(home, resource)} is not found.`);
}

export function checkUsable(key: KeyRecord): void {
  if (key.state === 'Enabled') return;
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  throw invalidState(key);
}

export const isPendingDeletion = ({ state }: KeyRecord): boolean =>
  state === 'PendingDeletion' || state === 'PendingReplicaDeletion';

export function checkNotPendingDeletion(key: KeyRecord): void {
  if (isPendingDeletion(key)) throw invalidState(key);
}

const invalidState = (key: KeyRecord): AwsError =>
  new AwsError(
    'KMSInvalidStateException',
    `${key.arn} is ${isPendingDeletion(key) ? 'pending deletion' : 'pending import'}.`,
  );

/** Every principal that may use the service in the account may use the key, through this service only. */
function createAwsManagedKey(kernel: Kernel, place: AwsPlace, aliasName: string): KeyRecord {
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
    policy: { document: awsManagedKeyPolicy(place, service), names: new Map() },
    tags: new Map(),
    rotationPeriodDays: 365,
    rotationEnabledAt: now,
  };
  const state = kernel.state(KMS, place);
  state.keys.set(id, key);
  state.aliases.set(aliasName, { name: aliasName, arn: kmsArn(place, aliasName), keyId: id, createdAt: now });
  return key;
}

const awsManagedKeyPolicy = (place: AwsPlace, service: string): IamPolicy => ({
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
