/** Tags of records that requests name by ARN, for all kinds of a service. */
import type { AwsError, Need } from '../kernel/kernel.ts';
import { type RecordVerb, recordNeed, type VerbDetails, verb } from './operation.ts';
import { pageAnswer, pageRules, type RecordPages } from './pages.ts';
import { existingRecord, idInArn, type RecordAt, type RecordKind, recordsOf, type StoredRecord } from './record.ts';
import { anythingIn, type MemberRules } from './rules.ts';
import type { RecordTagForm, RecordTags } from './tag-forms.ts';

/** The kinds of a service that have tags, and AWS's error for an ARN of none of them. */
export type TaggedKinds = {
  readonly kinds: readonly RecordKind[];
  readonly form: RecordTagForm;
  readonly unknownArn: (arn: string) => AwsError;
  /** Requests may name a record by its id, too. */
  readonly byId?: boolean;
  /** AWS's error for too many tags; default quota: 50. */
  readonly tooMany?: () => AwsError;
};

const MAX_TAGS = 50;

type Member<I> = keyof NoInfer<I> & string;

export const listsTags = <I extends object, O>(
  tagged: TaggedKinds,
  arn: Member<I>,
  under: keyof NoInfer<O> & string,
  { takes, pages }: { readonly takes?: MemberRules<NoInfer<I>>; readonly pages?: RecordPages<I, O> } = {},
): RecordVerb<I, O> =>
  tagVerb<I, O>(tagged, { arn, takes: { ...takes, ...pageRules<I>(pages) } }, (input, { record }) => {
    const tags = tagged.form.write(record.tags);
    return Array.isArray(tags)
      ? pageAnswer<I, O, unknown>(tags, input, { under, pages, shows: (tag) => tag })
      : ({ [under]: tags } as O);
  });

export const addsTags = <I extends object, O>(
  tagged: TaggedKinds,
  arn: Member<I>,
  tags: Member<I>,
  takes?: MemberRules<NoInfer<I>>,
): RecordVerb<I, O> => {
  const given = (input: I) => tagged.form.read(input[tags]);
  return tagVerb<I, O>(
    tagged,
    { arn, second: tags, takes },
    (input, found, at) => storeTags(tagged, found, { ...found.record.tags, ...given(input) }, at) as O,
    (input) => recordTagContext(given(input)),
  );
};

export const removesTags = <I extends object, O>(
  tagged: TaggedKinds,
  arn: Member<I>,
  keys: Member<I>,
  takes?: MemberRules<NoInfer<I>>,
): RecordVerb<I, O> => {
  const given = (input: I) => (input[keys] ?? []) as readonly string[];
  return tagVerb<I, O>(
    tagged,
    { arn, second: keys, takes },
    (input, found, at) => {
      const left = Object.entries(found.record.tags).filter(([name]) => !given(input).includes(name));
      return storeTags(tagged, found, Object.fromEntries(left), at) as O;
    },
    (input) => ({ 'aws:TagKeys': given(input) }),
  );
};

/** Returns the condition keys of a request that sets tags. */
export const recordTagContext = (tags: RecordTags): NonNullable<Need['context']> =>
  Object.keys(tags).length === 0
    ? {}
    : {
        ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value])),
        'aws:TagKeys': Object.keys(tags),
      };

type FoundRecord = { readonly kind: RecordKind; readonly id: string; readonly record: StoredRecord };

type TagMembers<I> = {
  /** The members with the ARN, and with tags or their keys. */
  readonly arn: Member<I>;
  readonly second?: Member<I>;
  /** Further members of the request. */
  readonly takes?: MemberRules<I>;
};

function tagVerb<I extends object, O>(
  tagged: TaggedKinds,
  { arn, second, takes }: TagMembers<I>,
  run: (input: I, found: FoundRecord, at: RecordAt) => O,
  context: (input: I) => Need['context'] = () => ({}),
): RecordVerb<I, O> {
  const details: VerbDetails<I, O> = {
    rules: { ...takes, ...anythingIn<I>(second ? [arn, second] : [arn]) },
    invalid: tagged.unknownArn,
    ofOneType: true,
    arns: tagged.kinds.map((kind) => kind.arn),
    needs: (input, at) => {
      const given = String(input[arn] ?? '*');
      const { kind, id } = kindOf(tagged, given) ?? {};
      return [kind && id ? recordNeed(kind, id, at, context(input)) : { resource: given, context: context(input) }];
    },
    run: (input, at) => {
      const given = String(input[arn] ?? '');
      const found = kindOf(tagged, given);
      if (!found) throw tagged.unknownArn(given);
      return run(input, { ...found, record: existingRecord(found.kind, found.id, at) }, at);
    },
  };
  return verb<I, O>(details);
}

function kindOf({ kinds, byId }: TaggedKinds, arn: string): { kind: RecordKind; id: string } | undefined {
  for (const kind of kinds) {
    const id = idInArn(kind, arn) ?? (byId && !arn.startsWith('arn:') ? arn : undefined);
    if (id !== undefined) return { kind, id };
  }
  return undefined;
}

function storeTags(
  { tooMany, unknownArn }: TaggedKinds,
  { kind, id, record }: FoundRecord,
  tags: RecordTags,
  at: RecordAt,
): object {
  if (Object.keys(tags).length > MAX_TAGS) throw tooMany?.() ?? unknownArn(record.arn);
  recordsOf(kind, at).set(id, { ...record, tags });
  return {};
}
