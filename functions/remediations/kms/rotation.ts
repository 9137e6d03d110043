/** Automatic rotation of one key, read and written. */
import {
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  paginateListResourceTags,
} from '@aws-sdk/client-kms';
import { isNamed } from '../../contract/errors.ts';
import type { ResourceTags } from '../../contract/remediation.ts';

/** Days after which a key rotates where nobody says otherwise. */
export const YEAR = 365;

/** Days between two rotations, where the key rotates; undefined when the key is gone. */
export async function rotationOf(kms: KMSClient, KeyId: string): Promise<{ everyDays?: number } | undefined> {
  try {
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    return status.KeyRotationEnabled ? { everyDays: status.RotationPeriodInDays ?? YEAR } : {};
  } catch (error) {
    if (isNamed(error, 'NotFoundException')) return undefined;
    // KMS does not answer for keys that cannot rotate by themselves.
    if (isNamed(error, 'UnsupportedOperationException', 'KMSInvalidStateException')) return {};
    throw error;
  }
}

/** Without a number of days, rotation is switched off. */
export async function setRotation(kms: KMSClient, KeyId: string, everyDays: number | undefined): Promise<void> {
  if (everyDays === undefined) await kms.send(new DisableKeyRotationCommand({ KeyId }));
  else await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: everyDays }));
}

export async function keyTags(kms: KMSClient, KeyId: string): Promise<ResourceTags> {
  const tags: Record<string, string> = {};
  for await (const { Tags = [] } of paginateListResourceTags({ client: kms }, { KeyId }))
    for (const { TagKey, TagValue } of Tags) tags[TagKey!] = TagValue!;
  return tags;
}
