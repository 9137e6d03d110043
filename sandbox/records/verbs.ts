/** Creates, changes, lists and deletes records. */
import { isDeepStrictEqual } from 'node:util';
import type { BesideResource } from './beside.ts';
import { idGiven, type Named, type RecordVerb, recordNaming, recordNeed, verb } from './operation.ts';
import { pageAnswer, pageRules, type RecordPages } from './pages.ts';
import {
  existingRecord,
  findRecord,
  mustBeReady,
  newProgress,
  type RecordAt,
  type RecordFields,
  type RecordKind,
  recordArn,
  recordsOf,
  type StoredRecord,
  shownRecord,
} from './record.ts';
import { anythingIn, keptFields, type MemberRules } from './rules.ts';
import type { RecordTags } from './tag-forms.ts';
import { recordTagContext } from './tags.ts';

type Members<O> = keyof NoInfer<O> & string;
type Rules<I> = MemberRules<NoInfer<I>>;

/** `under` is the member of the answer that has the record. Without it, the answer is the record. */
type Answer<I, O> = Named<I> & { readonly under?: Members<O> };

const shownUnder = (under: string | undefined, shown: RecordFields) => (under ? { [under]: shown } : shown);

export const creates = <I extends object, O>(
  kind: RecordKind,
  options: Answer<I, O> & {
    readonly takes: Rules<I>;
    /** The member with the tags of the new record. */
    readonly tags?: Members<I>;
    /** @throws AwsError what AWS refuses beside single values */
    readonly check?: (input: NoInfer<I>, at: RecordAt) => void;
    /** Returns fields that follow from several members, or from other records. */
    readonly also?: (input: NoInfer<I>, at: RecordAt) => RecordFields;
    /** Returns the tags that AWS copies from another record. */
    readonly inherits?: (input: NoInfer<I>, at: RecordAt) => RecordTags;
    /** Further resources on which IAM authorizes the call. */
    readonly beside?: readonly BesideResource<NoInfer<I>>[];
    /** IAM knows no resource of the operation. */
    readonly withoutResource?: boolean;
    /** The answer has nothing of the record. */
    readonly silent?: boolean;
    /** Default: the whole record. */
    readonly shows?: (record: RecordFields) => NoInfer<O>;
  },
): RecordVerb<I, O> => {
  const { takes, tags, under, check, also, inherits, beside, silent = false, withoutResource = false } = options;
  const shows = options.shows ?? ((record: RecordFields) => shownUnder(under, record) as O);
  const named = recordNaming<I>(kind, options);
  const rules: MemberRules<I> = { ...takes, ...anythingIn<I>(tags ? [tags] : []), ...(!kind.newId && named.rules) };
  const tagsIn = (input: I) => (tags && kind.tags ? kind.tags.read(input[tags]) : {});
  return verb<I, O>({
    rules,
    invalid: kind.invalid,
    arns: [withoutResource ? '*' : kind.arn],
    beside,
    needs: (input, at) => {
      const created = { fields: keptFields(input, rules), tags: tagsIn(input) };
      const id = kind.newId ? '*' : named.id(input);
      const own = recordNeed(kind, id, at, recordTagContext(created.tags), created);
      return [withoutResource ? { ...own, resource: '*' } : own];
    },
    run: (input, at) => {
      check?.(input, at);
      const id = kind.newId?.(at) ?? named.id(input);
      if (findRecord(kind, id, at)) throw (kind.exists ?? kind.invalid)(id);
      if (kind.quota && recordsOf(kind, at).size >= kind.quota.records) throw kind.quota.exceeded();
      const given = { ...keptFields(input, rules), ...also?.(input, at) };
      const record = newRecord(kind, id, given, at);
      const { creating } = kind.lifecycle ?? {};
      const ownTags = { ...inherits?.(input, at), ...tagsIn(input) };
      const stored = { ...record, tags: ownTags, ...(creating && { progress: newProgress(creating, {}, at) }) };
      recordsOf(kind, at).set(id, stored);
      return silent ? ({} as O) : shows(shownRecord(kind, stored));
    },
  });
};

export function newRecord(kind: RecordKind, id: string, given: RecordFields, at: RecordAt): Omit<StoredRecord, 'tags'> {
  const arn = recordArn(kind, at, id, given);
  const parts = (kind.parts ?? []).flatMap(({ name, initially }) =>
    initially === undefined ? [] : [[name, initially]],
  );
  const shownId = { [kind.id]: kind.namedBy === 'arn' ? arn : id };
  return {
    arn,
    fields: { ...kind.initially({ id, arn, at }), ...shownId, ...given },
    parts: Object.fromEntries(parts),
  };
}

/** Fields that a record gets at once, and those that it gets when AWS has finished. */
export type RecordChange = { readonly now?: RecordFields; readonly after?: RecordFields };

/** Returns other records, by kind and id, to which AWS does the same by itself. */
type Dependents = (record: RecordFields) => readonly (readonly [RecordKind, string])[];

/** Changes what the request gives, and leaves the rest. */
export const changes = <I extends object, O>(
  kind: RecordKind,
  options: Answer<I, O> & {
    readonly takes: Rules<I>;
    /** @throws AwsError what AWS refuses for this record */
    readonly check?: (record: RecordFields, input: NoInfer<I>, at: RecordAt) => void;
    /** Default: everything takes as long as the kind says. `given` has only fields that differ. */
    readonly effect?: (given: RecordFields, record: RecordFields, input: NoInfer<I>) => RecordChange;
    readonly dependents?: Dependents;
    /** The fields that dependents share. */
    readonly shared?: readonly string[];
    /** As in `creates`. */
    readonly beside?: readonly BesideResource<NoInfer<I>>[];
    /** The answer has nothing of the record. */
    readonly silent?: boolean;
  },
): RecordVerb<I, O> => {
  const { takes, under, check, effect, dependents, shared = [], beside, silent = false } = options;
  const named = recordNaming<I>(kind, options);
  const rules = { ...named.rules, ...takes };
  return verb<I, O>({
    rules,
    invalid: kind.invalid,
    arns: [kind.arn],
    beside,
    needs: (input, at) => [recordNeed(kind, named.id(input), at)],
    run: (input, at) => {
      const id = named.id(input);
      const record = existingRecord(kind, id, at);
      mustBeReady(kind, id, record);
      check?.(record.fields, input, at);
      const given = differing(record.fields, keptFields(input, rules));
      const change = effect?.(given, record.fields, input) ?? defaultEffect(kind, given);
      const stored = changedRecord(kind, record, change, at);
      recordsOf(kind, at).set(id, stored);
      for (const [otherKind, otherId] of dependents?.(record.fields) ?? []) {
        const other = existingRecord(otherKind, otherId, at);
        recordsOf(otherKind, at).set(otherId, changedRecord(otherKind, other, pickChange(shared, change), at));
      }
      return (silent ? {} : shownUnder(under, shownRecord(kind, stored))) as O;
    },
  });
};

const pickChange = (names: readonly string[], { now = {}, after = {} }: RecordChange): RecordChange => {
  const picked = (fields: RecordFields) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
  return { now: picked(now), after: picked(after) };
};

const defaultEffect = ({ lifecycle }: RecordKind, given: RecordFields): RecordChange =>
  lifecycle?.changing ? { after: given } : { now: given };

const differing = (fields: RecordFields, given: RecordFields): RecordFields =>
  Object.fromEntries(Object.entries(given).filter(([name, value]) => !isDeepStrictEqual(fields[name], value)));

export function changedRecord(kind: RecordKind, record: StoredRecord, change: RecordChange, at: RecordAt) {
  const { now = {}, after = {} } = change;
  const changed = { ...record, fields: { ...record.fields, ...now } };
  if (Object.keys(after).length === 0) return changed;
  const { changing } = kind.lifecycle ?? {};
  if (!changing) throw new Error(`A change of ${kind.name} takes time, but their lifecycle does not say how long`);
  return { ...changed, progress: newProgress(changing, after, at) };
}

/** Lists all records, or those that the request names; a page at a time. */
export const lists = <I extends object, O>(
  kind: RecordKind,
  options: {
    /** The member that names records, one or several. */
    readonly by?: Members<I>;
    readonly under: Members<O>;
    readonly pages?: RecordPages<NoInfer<I>, NoInfer<O>>;
    /** Further members of the request, with the records that each keeps. */
    readonly takes?: Rules<I>;
    readonly only?: (record: RecordFields, input: NoInfer<I>) => boolean;
    /** Default: the whole record. */
    readonly shows?: (record: RecordFields) => unknown;
    /** IAM knows no resource of the operation. */
    readonly withoutResource?: boolean;
  },
): RecordVerb<I, O> => {
  const { by, under, pages, takes, only = () => true, shows = (record: RecordFields) => record } = options;
  const named = (input: I): string[] =>
    by === undefined ? [] : [input[by] ?? []].flat().map((given) => idGiven(kind, given));
  return verb<I, O>({
    rules: { ...takes, ...anythingIn<I>(by ? [by] : []), ...pageRules<I>(pages) },
    invalid: kind.invalid,
    arns: options.withoutResource ? ['*'] : [kind.arn],
    needs: (input, at) => {
      if (options.withoutResource) return [{ resource: '*' }];
      const ids = named(input);
      return (ids.length > 0 ? ids : ['*']).map((id) => recordNeed(kind, id, at));
    },
    run: (input, at) => {
      const ids = named(input);
      const records = ids.length > 0 ? ids.map((id) => existingRecord(kind, id, at)) : presentRecords(kind, at);
      const shown = records.map((record) => shownRecord(kind, record)).filter((record) => only(record, input));
      return pageAnswer<I, O, RecordFields>(shown, input, { under, pages, shows });
    },
  });
};

export const presentRecords = (kind: RecordKind, at: RecordAt): StoredRecord[] =>
  [...recordsOf(kind, at).keys()].flatMap((id) => findRecord(kind, id, at) ?? []);

/** Returns one record. */
export const gets = <I extends object, O>(kind: RecordKind, options: Answer<I, O> = {}): RecordVerb<I, O> => {
  const named = recordNaming<I>(kind, options);
  return verb<I, O>({
    rules: named.rules,
    invalid: kind.invalid,
    arns: [kind.arn],
    needs: (input, at) => [recordNeed(kind, named.id(input), at)],
    run: (input, at) => {
      const record = existingRecord(kind, named.id(input), at);
      return shownUnder(options.under, shownRecord(kind, record)) as O;
    },
  });
};

export const deletes = <I extends object, O>(
  kind: RecordKind,
  options: Answer<I, O> & {
    readonly takes?: Rules<I>;
    /** @throws AwsError what AWS refuses for this record */
    readonly check?: (record: RecordFields, input: NoInfer<I>, at: RecordAt) => void;
    /** The answer has nothing of the record. */
    readonly silent?: boolean;
    readonly dependents?: Dependents;
    /** As in `creates`. */
    readonly beside?: readonly BesideResource<NoInfer<I>>[];
  } = {},
): RecordVerb<I, O> => {
  const { takes, under, check, dependents, silent = false, beside } = options;
  const named = recordNaming<I>(kind, options);
  return verb<I, O>({
    rules: { ...named.rules, ...takes },
    invalid: kind.invalid,
    arns: [kind.arn],
    beside,
    needs: (input, at) => [recordNeed(kind, named.id(input), at)],
    run: (input, at) => {
      const id = named.id(input);
      const record = existingRecord(kind, id, at);
      const { deleting, busy } = kind.lifecycle ?? {};
      if (deleting && record.progress?.status === deleting.status) throw busy!(id, deleting.status);
      check?.(record.fields, input, at);
      const deleted = deleteRecord(kind, id, record, at);
      for (const [otherKind, otherId] of dependents?.(record.fields) ?? [])
        deleteRecord(otherKind, otherId, existingRecord(otherKind, otherId, at), at);
      return (silent ? {} : shownUnder(under, shownRecord(kind, deleted))) as O;
    },
  });
};

/** Deletes a record, at once or in time, and returns it as it is then. */
function deleteRecord(kind: RecordKind, id: string, record: StoredRecord, at: RecordAt): StoredRecord {
  const { deleting } = kind.lifecycle ?? {};
  const inDeletion = deleting && { ...record, progress: newProgress(deleting, 'gone', at) };
  if (inDeletion) recordsOf(kind, at).set(id, inDeletion);
  else recordsOf(kind, at).delete(id);
  return inDeletion ?? record;
}
