/** Documents of records. */
import { type Named, type RecordVerb, recordNaming, recordNeed, verb } from './operation.ts';
import {
  existingRecord,
  mustBeReady,
  type RecordAt,
  type RecordKind,
  type RecordPart,
  recordsOf,
  type StoredRecord,
} from './record.ts';
import type { MemberRules } from './rules.ts';

type PartVerb<I, O, P> = Named<I> & {
  /** Members of the request beside the one that names the record. */
  readonly takes?: MemberRules<NoInfer<I>>;
  readonly shows: (part: P, record: StoredRecord, input: NoInfer<I>, at: RecordAt) => NoInfer<O>;
};

/** Returns the document of a record. */
export const getsPart = <I extends object, O, P>(
  kind: RecordKind,
  part: RecordPart<P>,
  { takes, named, shows }: PartVerb<I, O, P>,
): RecordVerb<I, O> =>
  partVerb<I, O>(kind, { takes, named }, (input, { id, record }, at) =>
    shows(existingPart(part, id, record), record, input, at),
  );

/** Writes the document of a record. */
export const putsPart = <I extends object, O, P>(
  kind: RecordKind,
  part: RecordPart<P>,
  {
    takes,
    named,
    value,
    shows,
  }: PartVerb<I, O, P> & {
    /** Returns the new document. Throws what AWS refuses. */
    readonly value: (
      input: NoInfer<I>,
      before: NoInfer<P> | undefined,
      record: StoredRecord,
      at: RecordAt,
    ) => NoInfer<P>;
  },
): RecordVerb<I, O> =>
  partVerb<I, O>(kind, { takes, named }, (input, { id, record }, at) => {
    mustBeReady(kind, id, record);
    const written = value(input, presentPart(part, record), record, at);
    const stored = { ...record, parts: { ...record.parts, [part.name]: written } };
    recordsOf(kind, at).set(id, stored);
    return shows(written, stored, input, at);
  });

/** Deletes the document of a record, and shows the one that was there. */
export const deletesPart = <I extends object, O, P>(
  kind: RecordKind,
  part: RecordPart<P>,
  { takes, named, shows }: PartVerb<I, O, P>,
): RecordVerb<I, O> =>
  partVerb<I, O>(kind, { takes, named }, (input, { id, record }, at) => {
    mustBeReady(kind, id, record);
    const deleted = existingPart(part, id, record);
    const { [part.name]: _, ...parts } = record.parts;
    recordsOf(kind, at).set(id, { ...record, parts });
    return shows(deleted, record, input, at);
  });

type NamedRecord = { readonly id: string; readonly record: StoredRecord };

const partVerb = <I extends object, O>(
  kind: RecordKind,
  { takes, named: member }: { takes: MemberRules<I> | undefined; named: Named<I>['named'] },
  run: (input: I, named: NamedRecord, at: RecordAt) => O,
): RecordVerb<I, O> => {
  const named = recordNaming<I>(kind, { ...(member && { named: member }) });
  return verb<I, O>({
    rules: { ...named.rules, ...takes },
    invalid: kind.invalid,
    arns: [kind.arn],
    needs: (input, at) => [recordNeed(kind, named.id(input), at)],
    run: (input, at) => {
      const id = named.id(input);
      return run(input, { id, record: existingRecord(kind, id, at) }, at);
    },
  });
};

const presentPart = <P>({ name }: RecordPart<P>, { parts }: StoredRecord): P | undefined =>
  parts[name] as P | undefined;

function existingPart<P>(part: RecordPart<P>, id: string, record: StoredRecord): P {
  const present = presentPart(part, record);
  if (present !== undefined) return present;
  throw part.missing?.(id) ?? new Error(`${id} has no ${part.name}: declare AWS's error in \`missing\` of this part`);
}
