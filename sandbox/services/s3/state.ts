/**
 * Buckets. Their names are unique in the partition; each belongs to one account and lies in one Region.
 */
import type {
  LoggingEnabled,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionRule,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import type { At } from '../../kernel/kernel.ts';

export type StoredObject = {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly modified: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** The customer's key that encrypts it, where there is one. */
  readonly keyId?: string;
};

export type PublicAccessBlock = Required<PublicAccessBlockConfiguration>;

export type Bucket = {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly created: number;
  readonly objects: Map<string, StoredObject>;
  publicAccessBlock?: PublicAccessBlock;
  policy?: string;
  encryption: ServerSideEncryptionRule;
  versioning?: 'Enabled' | 'Suspended';
  logging?: LoggingEnabled;
  website?: WebsiteConfiguration;
  tags?: Readonly<Record<string, string>>;
  ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
  acl: 'private' | 'public-read' | 'public-read-write' | 'authenticated-read';
};

export type S3State = {
  readonly buckets: Map<string, Bucket>;
  /** The block that holds for all buckets of an account. */
  readonly accountBlocks: Map<string, PublicAccessBlock>;
};
export type S3 = At<S3State>;

export const initialState = (): S3State => ({ buckets: new Map(), accountBlocks: new Map() });

/** What buckets made since April 2023 start with. */
export const ALL_BLOCKED: PublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** Settings that a request leaves out are off. */
export const blockFrom = (given: PublicAccessBlockConfiguration | undefined): PublicAccessBlock => ({
  BlockPublicAcls: given?.BlockPublicAcls ?? false,
  IgnorePublicAcls: given?.IgnorePublicAcls ?? false,
  BlockPublicPolicy: given?.BlockPublicPolicy ?? false,
  RestrictPublicBuckets: given?.RestrictPublicBuckets ?? false,
});

/** Whether a setting holds for a bucket, by itself or by its account. */
export const isBlocked = (state: S3State, bucket: Bucket, setting: keyof PublicAccessBlock): boolean =>
  Boolean(bucket.publicAccessBlock?.[setting] || state.accountBlocks.get(bucket.account)?.[setting]);
