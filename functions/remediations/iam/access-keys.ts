/** A user's access keys, which Suture switches off and on, and never deletes. */
import {
  GetAccessKeyLastUsedCommand,
  type IAMClient,
  paginateListAccessKeys,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import { daysSince } from './ages.ts';

/** A key's id is made by AWS, but for good: a key that is switched on again is the same key. */
export const AccessKey = z.strictObject({ id: z.string(), status: z.enum(['Active', 'Inactive']) });
export type AccessKey = z.infer<typeof AccessKey>;

/** All keys of the user, two at most, with the time each was made. */
export async function keysOf(iam: IAMClient, UserName: string): Promise<(AccessKey & { readonly made: Date })[]> {
  const keys: (AccessKey & { made: Date })[] = [];
  for await (const page of paginateListAccessKeys({ client: iam }, { UserName }))
    for (const { AccessKeyId, Status, CreateDate } of page.AccessKeyMetadata ?? [])
      keys.push({ id: AccessKeyId!, status: Status === 'Active' ? 'Active' : 'Inactive', made: CreateDate! });
  return keys;
}

type Use = { readonly at: Date; readonly by: string };

/** The last call that was signed with the key, `by` service and Region; undefined where none was since April 2015. */
export async function lastUse(iam: IAMClient, AccessKeyId: string): Promise<Use | undefined> {
  const { AccessKeyLastUsed: used } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  return used?.LastUsedDate && { at: used.LastUsedDate, by: `${used.ServiceName} in ${used.Region}` };
}

/** Which of these keys is in use, in words; undefined where none signed a call within so many days. */
export async function usedWithin(
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

export const inactive = ({ id }: AccessKey): AccessKey => ({ id, status: 'Inactive' });

/** Switches those keys whose status differs. Bears repetition: a status is set, not toggled. */
export async function setStatuses(
  iam: IAMClient,
  UserName: string,
  from: readonly AccessKey[],
  to: readonly AccessKey[],
): Promise<void> {
  for (const { id: AccessKeyId, status: Status } of changed(from, to))
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
}

/** For example `access key AKIA… is inactive`; nothing for keys that stay as they are. */
export const keysInWords = (from: readonly AccessKey[], to: readonly AccessKey[]): string[] =>
  changed(from, to).map(({ id, status }) => `access key ${id} is ${status.toLowerCase()}`);

const changed = (from: readonly AccessKey[], to: readonly AccessKey[]) =>
  to.filter(({ id, status }) => from.find((key) => key.id === id)?.status !== status);
