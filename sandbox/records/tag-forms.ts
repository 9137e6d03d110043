/** The forms in which services write tags. */

export type RecordTags = Readonly<Record<string, string>>;

export type RecordTagForm = {
  readonly read: (given: unknown) => RecordTags;
  readonly write: (tags: RecordTags) => unknown;
  /** The member in which a record shows its tags; absent: only a call of its own shows them. */
  readonly shownAs?: string;
};

const tagListForm = (key: string, value: string): RecordTagForm => ({
  read: (given) =>
    Object.fromEntries(((given ?? []) as Record<string, string>[]).map((tag) => [tag[key] ?? '', tag[value] ?? ''])),
  write: (tags) => Object.entries(tags).map(([name, text]) => ({ [key]: name, [value]: text })),
});

/** `[{ Key, Value }]` */
export const TAG_LIST: RecordTagForm = tagListForm('Key', 'Value');
/** `[{ key, value }]` */
export const LOWER_CASE_TAG_LIST: RecordTagForm = tagListForm('key', 'value');
/** `{ owner: 'me' }` */
export const TAG_MAP: RecordTagForm = {
  read: (given) => ({ ...(given as RecordTags | undefined) }),
  write: (tags) => ({ ...tags }),
};
