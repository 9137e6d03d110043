import type { ResourceTags } from '../../contract/remediation.ts';

type TagList = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];

/** Returns the tags of a list as most services give it. */
export const tagsOfList = (list: TagList = []): ResourceTags =>
  Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));

export const listOfTags = (tags: ResourceTags): { readonly Key: string; readonly Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
