/** A key of KMS by its ARN, and its tags. */
import { type KMSClient, paginateListResourceTags } from '@aws-sdk/client-kms';
import { arn, type ResourceTags } from '../../contract/remediation.ts';

export const KEY_ARN = 'arn:{partition}:kms:{region}:{account}:key/{keyId}';
export const kmsKey = arn('AwsKmsKey', KEY_ARN, {
  keyId: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}/,
});

export async function keyTags(kms: KMSClient, KeyId: string): Promise<ResourceTags> {
  const tags: Record<string, string> = {};
  for await (const { Tags = [] } of paginateListResourceTags({ client: kms }, { KeyId }))
    for (const { TagKey, TagValue } of Tags) tags[TagKey!] = TagValue!;
  return tags;
}
