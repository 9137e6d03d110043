/** A user's access keys. Suture deactivates and activates them, and never deletes one. */
import {
  GetAccessKeyLastUsedCommand,
  type IAMClient,
  paginateListAccessKeys,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import { daysSince } from './ages.ts';

/** AWS generates a key's id, but it never changes: a key that is activated again is the same key. */
export const AccessKey = z.strictObject({ id: z.string(), status: z.enum(['Active', 'Inactive']) });
export type AccessKey = z.infer<typeof AccessKey>;

/** Lists all keys of the user (at most two). */
export async function listKeys(
  iam: IAMClient,
  UserName: string,
): Promise<(AccessKey & { readonly createdAt: Date })[]> {
  const keys: (AccessKey & { createdAt: Date })[] = [];
  for await (const page of paginateListAccessKeys({ client: iam }, { UserName }))
    for (const { AccessKeyId, Status, CreateDate } of page.AccessKeyMetadata ?? [])
      keys.push({ id: AccessKeyId!, status: Status === 'Active' ? 'Active' : 'Inactive', createdAt: CreateDate! });
  return keys;
}

/** `by` is the service and the Region of the call. */
type KeyUse = { readonly at: Date; readonly by: string };

/** Returns the last call that was signed with the key, or undefined if there was none since April 2015. */
export async function lastUse(iam: IAMClient, AccessKeyId: string): Promise<KeyUse | undefined> {
  const { AccessKeyLastUsed: used } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  return used?.LastUsedDate && { at: used.LastUsedDate, by: `${used.ServiceName} in ${used.Region}` };
}

/** Describes the first of these keys that signed a call within `days`. Returns undefined if none did. */
export async function keyInUse(
  iam: IAMClient,
  keys: readonly AccessKey[],
  days: number,
  now: Date,
): Promise<string | undefined> {
  for (const { id } of keys) {
    const use = await lastUse(iam, id);
    if (use && daysSince(use.at, now) < days)
      return `access key ${id} is in use (last at ${use.at.toISOString()}, ${use.by})`;
  }
  return undefined;
}

export const asInactive = ({ id }: AccessKey): AccessKey => ({ id, status: 'Inactive' });

/** Sets the status of each key whose status differs. Can be repeated. */
export async function setStatuses(
  iam: IAMClient,
  UserName: string,
  from: readonly AccessKey[],
  to: readonly AccessKey[],
): Promise<void> {
  for (const { id: AccessKeyId, status: Status } of changedKeys(from, to))
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
}

/** Returns for example `access key AKIA… is inactive`, for each key that changes. */
export const keyChangeText = (from: readonly AccessKey[], to: readonly AccessKey[]): string[] =>
  changedKeys(from, to).map(({ id, status }) => `access key ${id} is ${status.toLowerCase()}`);

const changedKeys = (from: readonly AccessKey[], to: readonly AccessKey[]) =>
  to.filter(({ id, status }) => from.find((key) => key.id === id)?.status !== status);
