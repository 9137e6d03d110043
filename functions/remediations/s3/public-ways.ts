/** The ways by which a bucket's own settings let the public in, whatever blocks them. */
import {
  GetBucketAclCommand,
  GetBucketPolicyStatusCommand,
  GetBucketWebsiteCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Block } from './block.ts';
import { orNone } from './or-undefined.ts';

/** A website says that objects are meant for the public: by the policy, or by their own ACLs, which nobody can list. */
export type Way = 'policy' | 'ACL' | 'website';

const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export async function publicWays(
  s3: S3Client,
  bucket: { Bucket: string; ExpectedBucketOwner: string },
): Promise<Way[]> {
  const status = await orNone(s3.send(new GetBucketPolicyStatusCommand(bucket)), 'NoSuchBucketPolicy');
  const { Grants } = await s3.send(new GetBucketAclCommand(bucket));
  const website = await orNone(s3.send(new GetBucketWebsiteCommand(bucket)), 'NoSuchWebsiteConfiguration');
  const ways: Record<Way, boolean> = {
    policy: status?.PolicyStatus?.IsPublic ?? false,
    ACL: (Grants ?? []).some(({ Grantee }) => EVERYBODY.test(Grantee?.URI ?? '')),
    website: website !== undefined,
  };
  return (Object.keys(ways) as Way[]).filter((way) => ways[way]);
}

/** The ways that are open now, and that blocking everything would close. */
export function openWays(ways: readonly Way[], block: Block | undefined): Way[] {
  const closed: Record<Way, boolean> = {
    policy: block?.RestrictPublicBuckets ?? false,
    ACL: block?.IgnorePublicAcls ?? false,
    website: (block?.RestrictPublicBuckets && block.IgnorePublicAcls) ?? false,
  };
  return ways.filter((way) => !closed[way]);
}
