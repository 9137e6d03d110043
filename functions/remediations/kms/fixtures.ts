/** Keys for scenarios, created as an administrator of the account. */
import { CreateKeyCommand, type CreateKeyCommandInput, type KMSClient, TagResourceCommand } from '@aws-sdk/client-kms';
import type { FindingResource, ResourceTags } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';

type KeyTarget = { readonly keyId: string };

export const keyResource = (Id: string, { partition, region }: ScenarioContext<unknown>): FindingResource => ({
  Type: 'AwsKmsKey',
  Id,
  Partition: partition,
  Region: region,
});

/** Creates a key, then does `after` to it. The id of a multi-Region key begins with `mrk-`. */
export async function key(
  kms: KMSClient,
  context: ScenarioContext<KeyTarget>,
  input: CreateKeyCommandInput = {},
  after: (KeyId: string) => Promise<unknown> = async () => {},
): Promise<FindingResource> {
  const MultiRegion = context.target?.keyId.startsWith('mrk-');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: context.name, MultiRegion, ...input }));
  await after(KeyMetadata!.KeyId!);
  return keyResource(KeyMetadata!.Arn!, context);
}

export const absentKey = (context: ScenarioContext<KeyTarget>): FindingResource =>
  keyResource(`arn:${context.partition}:kms:${context.region}:${context.account}:key/${crypto.randomUUID()}`, context);

export const tagKey = (
  { kms }: { readonly kms: KMSClient },
  { target }: { readonly target: KeyTarget },
  tags: ResourceTags,
) => kms.send(new TagResourceCommand({ KeyId: target.keyId, Tags: keyTagList(tags) }));

export const keyTagList = (tags: ResourceTags) =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
