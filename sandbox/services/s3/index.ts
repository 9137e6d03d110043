/**
 * Amazon S3: buckets with their settings and policies, and plain objects.
 */
import * as sdk from '@aws-sdk/client-s3';
import { defineService, type Kernel } from '../../kernel/kernel.ts';
import { bucketOperations } from './buckets.ts';
import { objectOperations } from './objects.ts';
import { bucketPolicyResource, bucketResource } from './resources.ts';
import { settingOperations } from './settings.ts';
import { type Bucket, initialState, type PublicAccessBlock, type S3State } from './state.ts';
import { websiteOperations } from './website.ts';

export const s3 = defineService<typeof sdk, S3State>({
  name: 's3',
  sdk,
  client: sdk.S3Client,
  prefix: 's3',
  scope: 'partition',
  state: initialState,
  operations: { ...bucketOperations, ...settingOperations, ...websiteOperations, ...objectOperations },
  resources: { 'AWS::S3::Bucket': bucketResource, 'AWS::S3::BucketPolicy': bucketPolicyResource },
});

/** A bucket by its name, in whichever account it is. */
export const bucketNamed = (kernel: Kernel, name: string): Bucket | undefined => stateOf(kernel).buckets.get(name);

/** The public access block of a whole account, where it has one. */
export const accountBlockOf = (kernel: Kernel, account: string): PublicAccessBlock | undefined =>
  stateOf(kernel).accountBlocks.get(account);

/** Sets the public access block of a whole account, or takes it away. */
export function setAccountBlock(kernel: Kernel, account: string, block: PublicAccessBlock | undefined): void {
  if (block) stateOf(kernel).accountBlocks.set(account, block);
  else stateOf(kernel).accountBlocks.delete(account);
}

/** There is one state for all places. */
const stateOf = (kernel: Kernel): S3State => kernel.state(s3, { partition: kernel.partition, account: '', region: '' });
