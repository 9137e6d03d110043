/** Bucket names are unique in the partition. Each bucket belongs to one account and one Region. */
import type {
  Grant,
  LifecycleRule,
  LoggingEnabled,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionRule,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import { type At, AwsError, type Kernel, type StateKey } from '../../kernel/kernel.ts';
import type { PrincipalNames } from '../iam/state.ts';

export type StoredObject = {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly modifiedAt: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  readonly keyId?: string;
};

/** Without an object, it is a delete marker. */
export type ObjectVersion = {
  readonly versionId: string;
  readonly modifiedAt: number;
  readonly object?: StoredObject;
  readonly retention?: { readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly until: number };
};

export type ObjectLock = {
  readonly retention?: { readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly days: number } | undefined;
};

export type PublicAccessBlock = Required<PublicAccessBlockConfiguration>;

export type BucketRecord = {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: number;
  /** The current versions. */
  readonly objects: Map<string, StoredObject>;
  /** Of objects that were written since the bucket is versioned, the newest last. */
  readonly versions: Map<string, ObjectVersion[]>;
  publicAccessBlock?: PublicAccessBlock;
  policy?: string;
  /** The roles and users of its policy. */
  policyPrincipals?: PrincipalNames | undefined;
  encryption: ServerSideEncryptionRule;
  versioning?: 'Enabled' | 'Suspended';
  objectLock?: ObjectLock;
  logging?: LoggingEnabled;
  website?: WebsiteConfiguration;
  tags?: Readonly<Record<string, string>>;
  ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
  grants: readonly Grant[];
  lifecycle?: LifecycleRule[];
};

export type S3State = {
  readonly buckets: Map<string, BucketRecord>;
  readonly accountBlocks: Map<string, PublicAccessBlock>;
};
export type S3At = At<S3State>;

export const S3: StateKey<S3State> = {
  name: 's3',
  scope: 'partition',
  state: () => ({ buckets: new Map(), accountBlocks: new Map() }),
};

/** The default of buckets created since April 2023. */
export const ALL_BLOCKED: PublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** S3 names an account by 64 hex digits. */
export const canonicalUserId = (account: string): string => Buffer.from(account.padEnd(32, '0')).toString('hex');

export const ownersGrant = (account: string): Grant => ({
  Grantee: { ID: canonicalUserId(account), Type: 'CanonicalUser' },
  Permission: 'FULL_CONTROL',
});

/**
 * Returns all four settings; those that are absent are off.
 * @throws AwsError InvalidRequest if all are absent
 */
export function publicAccessBlockOf(configuration: PublicAccessBlockConfiguration = {}): PublicAccessBlock {
  const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = configuration;
  const given = [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets];
  if (given.every((setting) => setting === undefined))
    throw new AwsError('InvalidRequest', 'Must specify at least one configuration.');
  return {
    BlockPublicAcls: BlockPublicAcls ?? false,
    IgnorePublicAcls: IgnorePublicAcls ?? false,
    BlockPublicPolicy: BlockPublicPolicy ?? false,
    RestrictPublicBuckets: RestrictPublicBuckets ?? false,
  };
}

export const isBlocked = (state: S3State, bucket: BucketRecord, setting: keyof PublicAccessBlock): boolean =>
  Boolean(bucket.publicAccessBlock?.[setting] || state.accountBlocks.get(bucket.account)?.[setting]);

export const findBucket = (kernel: Kernel, name: string): BucketRecord | undefined => s3State(kernel).buckets.get(name);

export const accountPublicAccessBlock = (kernel: Kernel, account: string): PublicAccessBlock | undefined =>
  s3State(kernel).accountBlocks.get(account);

export function setAccountPublicAccessBlock(
  kernel: Kernel,
  account: string,
  block: PublicAccessBlock | undefined,
): void {
  if (block) s3State(kernel).accountBlocks.set(account, block);
  else s3State(kernel).accountBlocks.delete(account);
}

const s3State = (kernel: Kernel): S3State => kernel.state(S3, { partition: kernel.partition, account: '', region: '' });
