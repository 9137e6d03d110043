/** Keys for scenarios, created as an administrator of the account. */
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import type { FindingResource, ResourceTags } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';
import { isPending } from './deletion.ts';

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

/**
 * Tags the key. KMS does not tag one that waits for its deletion, so the deletion is cancelled meanwhile. The key then
 * waits for KMS's default of 30 days again, as faulty keys do.
 */
export async function tagKey(
  { kms }: { readonly kms: KMSClient },
  { target: { keyId: KeyId } }: { readonly target: KeyTarget },
  tags: ResourceTags,
): Promise<void> {
  const isEnding = isPending((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState);
  if (isEnding) await kms.send(new CancelKeyDeletionCommand({ KeyId }));
  await kms.send(new TagResourceCommand({ KeyId, Tags: keyTagList(tags) }));
  if (isEnding) await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
}

export const keyTagList = (tags: ResourceTags) =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
