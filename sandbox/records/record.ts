/**
 * Services whose resources are plain records. A kind of record says how its resources are named, which errors AWS has
 * for them, and how long AWS takes to change them. Records are kept in the shape that the SDK shows.
 */
import type { At, AwsError, AwsPlace, Need, StateKey } from '../kernel/kernel.ts';
import type { RecordTagForm, RecordTags } from './tag-forms.ts';

export type RecordFields = Readonly<Record<string, unknown>>;

/** A change that AWS makes by itself: at `until`, the record gets the fields of `then`, or is gone. */
export type RecordProgress = { readonly status: string; readonly until: number; readonly then: RecordFields | 'gone' };

export type StoredRecord = {
  readonly arn: string;
  readonly fields: RecordFields;
  readonly tags: RecordTags;
  /** Documents with operations of their own, by name: a policy, an attribute map. */
  readonly parts: RecordFields;
  readonly progress?: RecordProgress;
};

export type RecordState = {
  /** By the name of the kind, then by the id of the record. */
  readonly kinds: Readonly<Record<string, Map<string, StoredRecord>>>;
  /** Settings of the account in this Region, by name. */
  readonly settings: Record<string, RecordFields>;
};
export type RecordAt = At<RecordState>;

/** A status that a record has for a while. */
export type TemporaryStatus = { readonly status: string; readonly minutes: number };

export type RecordLifecycle = {
  /** The member that shows the status. */
  readonly member: string;
  readonly ready: string;
  readonly creating?: TemporaryStatus;
  readonly changing?: TemporaryStatus;
  readonly deleting?: TemporaryStatus;
  /** AWS's error for a change of a record that is not ready. */
  readonly busy: (id: string, status: string) => AwsError;
};

/** A document of a record that has operations of its own: a policy, the accounts that may restore a snapshot. */
export type RecordPart<P> = {
  /** In `parts` of the record. */
  readonly name: string;
  /** The document of a new record; absent: it has none. */
  readonly initially?: P;
  /** AWS's error if a record has no such document. */
  readonly missing?: (id: string) => AwsError;
  /** Members that AWS generates. */
  readonly generated?: readonly (keyof P & string)[];
};

export type RecordKind<R extends object = any> = {
  /** Plural, as in the state: `instances`. */
  readonly name: string;
  /** `{partition}`, `{region}`, `{account}` and `{id}` are filled in; any other name is a field of the record. */
  readonly arn: string;
  /** The ARN by which other services, such as AWS Config, may name it. Names are filled in as in `arn`. */
  readonly alias?: string;
  /**
   * The member by which requests name a record, and which shows its name. An operation that has another member says so
   * by `named`.
   */
  readonly id: string;
  /** Default: `id`. With `arn`, the member `id` shows the ARN. */
  readonly namedBy?: 'id' | 'arn' | 'either';
  /** Returns the id as AWS keeps it. */
  readonly normalId?: (given: string) => string;
  /** Returns the id that AWS generates. Default: requests that create a record give it. */
  readonly newId?: (at: RecordAt) => string;
  readonly missing: (id: string) => AwsError;
  readonly exists?: (id: string) => AwsError;
  /** AWS's error for a value that it does not accept. */
  readonly invalid: (message: string) => AwsError;
  /** AWS's default quota of records in an account and Region, with its error. */
  readonly quota?: { readonly records: number; readonly exceeded: () => AwsError };
  /** Returns the fields that AWS fills in: defaults, the ARN, what it generates. */
  readonly initially: (created: { readonly id: string; readonly arn: string; readonly at: RecordAt }) => Partial<R>;
  /** Members that AWS generates again when the same record is created again. */
  readonly generated?: readonly (keyof R & string)[];
  /** Returns members that AWS derives from other parts of the record whenever it shows it. */
  readonly derived?: (record: StoredRecord) => Partial<R>;
  /** Members that AWS never shows, such as passwords. */
  readonly hidden?: readonly string[];
  /** Documents that new records have, or in which AWS generates members. */
  readonly parts?: readonly RecordPart<any>[];
  readonly lifecycle?: RecordLifecycle;
  readonly tags?: RecordTagForm;
  /** Returns the condition keys that IAM gets beside the tags. */
  readonly conditions?: (record: Pick<StoredRecord, 'fields' | 'tags'>) => NonNullable<Need['context']>;
};

/** `kinds` are the names of the kinds of records. */
export const recordStateKey = (
  name: string,
  scope: StateKey['scope'],
  kinds: readonly string[],
): StateKey<RecordState> => ({
  name,
  scope,
  state: () => ({ kinds: Object.fromEntries(kinds.map((kind) => [kind, new Map()])), settings: {} }),
});

/** Returns the ARN of a record; names without a value become `*`. */
export const recordArn = (
  { arn }: Pick<RecordKind, 'arn'>,
  place: AwsPlace,
  id: string,
  fields: RecordFields = {},
): string => {
  const { partition, region, account } = place;
  const values: RecordFields = { ...fields, partition, region, account, id };
  return arn.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '*'));
};

/** Returns the id in an ARN, or undefined if the ARN is one of another kind. */
export function idInArn(kind: Pick<RecordKind, 'arn'>, arn: string): string | undefined {
  const pattern = kind.arn
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, (_, name: string) => (name === 'id' ? '(?<id>.+)' : '[^:/]*'));
  return new RegExp(`^${pattern}$`).exec(arn)?.groups?.id;
}

const MINUTE_MS = 60_000;

export const newProgress = ({ status, minutes }: TemporaryStatus, then: RecordProgress['then'], at: RecordAt) => ({
  status,
  until: at.kernel.clock.now() + minutes * MINUTE_MS,
  then,
});

export const recordsOf = (kind: RecordKind, { state }: Pick<RecordAt, 'state'>): Map<string, StoredRecord> =>
  state.kinds[kind.name]!;

/** Returns a record as it is now, or undefined. Ends what AWS has finished by itself since the last call. */
export function findRecord(kind: RecordKind, id: string, at: RecordAt): StoredRecord | undefined {
  const records = recordsOf(kind, at);
  const record = records.get(id);
  if (!record?.progress || at.kernel.clock.now() < record.progress.until) return record;
  const settled = settledRecord(record);
  if (settled) records.set(id, settled);
  else records.delete(id);
  return settled;
}

/** Returns a record as it is when AWS has finished, or undefined if it is gone then. */
export function settledRecord({ progress, ...record }: StoredRecord): StoredRecord | undefined {
  if (!progress) return record;
  return progress.then === 'gone' ? undefined : { ...record, fields: { ...record.fields, ...progress.then } };
}

export function existingRecord(kind: RecordKind, id: string, at: RecordAt): StoredRecord {
  const record = findRecord(kind, id, at);
  if (record) return record;
  throw kind.missing(id);
}

/** @throws AwsError as AWS for a record that it is changing */
export function mustBeReady({ lifecycle }: RecordKind, id: string, { progress }: StoredRecord): void {
  if (lifecycle && progress) throw lifecycle.busy(id, progress.status);
}

/** Returns the record as the SDK shows it. */
export function shownRecord(kind: RecordKind, record: StoredRecord): RecordFields {
  const { fields, tags, progress } = record;
  const visible = Object.entries(fields).filter(([name]) => !kind.hidden?.includes(name));
  return {
    ...Object.fromEntries(visible),
    ...kind.derived?.(record),
    ...(kind.lifecycle && { [kind.lifecycle.member]: progress?.status ?? kind.lifecycle.ready }),
    ...(kind.tags?.shownAs && { [kind.tags.shownAs]: kind.tags.write(tags) }),
  };
}
