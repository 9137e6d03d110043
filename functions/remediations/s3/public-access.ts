/** How a bucket's own settings let the public in, regardless of a block of public access. */
import {
  GetBucketAclCommand,
  GetBucketPolicyStatusCommand,
  GetBucketWebsiteCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { orUndefined } from '../kit/or-undefined.ts';
import type { BlockSettings } from './block.ts';

/** A website means that objects are public: by the policy, or by their own ACLs, which cannot be listed. */
export type PublicAccessPath = 'policy' | 'ACL' | 'website';

export const NOT_OPEN = 'neither its policy nor its ACL lets the public in; S3.8 is about buckets that could be opened';
const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export async function publicAccessPaths(
  s3: S3Client,
  bucket: { Bucket: string; ExpectedBucketOwner: string },
): Promise<PublicAccessPath[]> {
  const status = await orUndefined(s3.send(new GetBucketPolicyStatusCommand(bucket)), 'NoSuchBucketPolicy');
  const { Grants } = await s3.send(new GetBucketAclCommand(bucket));
  const website = await orUndefined(s3.send(new GetBucketWebsiteCommand(bucket)), 'NoSuchWebsiteConfiguration');
  const paths: Record<PublicAccessPath, boolean> = {
    policy: status?.PolicyStatus?.IsPublic ?? false,
    ACL: (Grants ?? []).some(({ Grantee }) => EVERYBODY.test(Grantee?.URI ?? '')),
    website: website !== undefined,
  };
  return (Object.keys(paths) as PublicAccessPath[]).filter((path) => paths[path]);
}

/** Returns the paths that the block leaves open. Blocking everything would close them. */
export function openPaths(paths: readonly PublicAccessPath[], block: BlockSettings | undefined): PublicAccessPath[] {
  const closed: Record<PublicAccessPath, boolean> = {
    policy: block?.RestrictPublicBuckets ?? false,
    ACL: block?.IgnorePublicAcls ?? false,
    website: (block?.RestrictPublicBuckets && block.IgnorePublicAcls) ?? false,
  };
  return paths.filter((path) => !closed[path]);
}
