/** Adds verbs to an existing kind of record: those of operations that change, show, list, delete or tag its resource. */

import type { NewOperation } from './operation-needs.ts';
import { missingImports, tagFactsText, taggedText, verbText } from './record-kind.ts';
import { kindShape } from './record-shape.ts';
import { type KindVerb, verbOf } from './record-verbs.ts';
import { NOT_WRITTEN } from './structure/skeletons.ts';

export type KindFile = { readonly name: string; readonly text: string };

export type ExtendedKind = KindFile & {
  /** `WORK_GROUP` */
  readonly constant: string;
  readonly covers: readonly NewOperation[];
};

/** `CreateStudio: creates(STUDIO` */
const CREATES = /^ +Create(?<noun>\w+): creates\((?<constant>[A-Z_]+)\b/gm;

/**
 * Returns the file of the first kind that has verbs for the operations; undefined if none has.
 * @param modelled returns an operation of the same service; undefined if AWS has none of the name
 */
export async function extendedKind(
  operations: readonly NewOperation[],
  files: readonly KindFile[],
  modelled: (name: string) => Promise<NewOperation | undefined>,
): Promise<ExtendedKind | undefined> {
  for (const file of files)
    for (const { groups } of file.text.matchAll(CREATES)) {
      const { noun, constant } = groups as { noun: string; constant: string };
      const known = await Promise.all([`Create${noun}`, ...showNames(noun)].map(modelled));
      const extended = withVerbs(file, { constant, operations, known: known.filter((each) => each !== undefined) });
      if (extended) return extended;
    }
  return undefined;
}

const showNames = (noun: string): string[] => [`Get${noun}`, `Describe${noun}`, `Describe${noun}s`, `List${noun}s`];

type Extension = {
  readonly constant: string;
  readonly operations: readonly NewOperation[];
  /** The operations that create and show the resource. */
  readonly known: readonly NewOperation[];
};

function withVerbs(file: KindFile, { constant, operations, known }: Extension): ExtendedKind | undefined {
  const shape = kindShape([...known, ...operations]);
  const kind = new RegExp(`^(?:export )?const ${constant}: RecordKind<[\\s\\S]*?^};\\n`, 'm').exec(file.text)?.[0];
  const id = kind && /^ {2}id: '(\w+)'/m.exec(kind)?.[1];
  if (!shape || !kind || !id) return undefined;
  const verbs = operations
    .flatMap((operation) => verbOf(operation, { ...shape, id }) ?? [])
    .filter((verb) => isWritable(verb, constant, file.text));
  const table = new RegExp(
    `(recordOperations<typeof sdk>\\((?:(?!recordOperations)[\\s\\S])*?^( *)  Create${shape.noun}: [\\s\\S]*?\\n)\\2(\\}\\))`,
    'm',
  );
  if (verbs.length === 0 || !table.test(file.text)) return undefined;
  const added = [MARK, ...verbs.map((each) => `${each.operation.model.name}: ${verbText(each, constant)},`)].join('\n');
  const withTags = needsTagged(verbs, file.text)
    ? withTagged(file.text, { kind, constant, form: shape.tagForm! })
    : file.text;
  const text = withTags.replace(table, (_, before, indent, end) => `${before}${added}\n${indent}${end}`);
  return {
    name: file.name,
    constant,
    covers: verbs.map(({ operation }) => operation),
    text: missingImports(text, added),
  };
}

const MARK = `// ${NOT_WRITTEN}verbs. Compare those below with AWS's pages, then delete this sentence.`;

const isTagVerb = ({ verb }: KindVerb): boolean => verb.endsWith('Tags');
const TAGGED = /^const TAGGED: TaggedKinds = .*?;$/ms;
/** A table of its own, before which the kinds with tags are declared. */
const OWN_TABLE = /^export const \w+ = recordOperations<typeof sdk>\(/m;

const needsTagged = (verbs: readonly KindVerb[], text: string): boolean => verbs.some(isTagVerb) && !TAGGED.test(text);

/** Verbs use names of the file: `TAGGED` with the kind, and `invalid` for the token of a page. */
function isWritable(verb: KindVerb, constant: string, text: string): boolean {
  if (/\binvalid\(/.test(verbText(verb, constant)) && !/^const invalid\b/m.test(text)) return false;
  if (!isTagVerb(verb)) return true;
  const tagged = TAGGED.exec(text)?.[0];
  return tagged === undefined ? OWN_TABLE.test(text) : new RegExp(`\\b${constant}\\b`).test(tagged);
}

type TaggedKind = { readonly kind: string; readonly constant: string; readonly form: string };

function withTagged(text: string, { kind, constant, form }: TaggedKind): string {
  const withForm = /^ {2}tags: /m.test(kind) ? kind : kind.replace(/\};\n$/, `${tagFactsText(form)}};\n`);
  const tagged = text
    .replace(kind, () => withForm)
    .replace(OWN_TABLE, (table) => `${taggedText({ constant })}\n${table}`);
  return missingImports(tagged, `${withForm}${taggedText({ constant })}`);
}

/** Returns what a person has to do after the kind is extended. */
export function extensionSteps({ constant, covers }: ExtendedKind): string {
  const isOne = covers.length === 1;
  return `${covers.map(({ model }) => model.name).join(', ')} ${isOne ? 'is a verb' : 'are verbs'} of ${constant} too, and ${isOne ? 'works' : 'work'}.
Compare ${isOne ? 'it' : 'them'} with AWS's pages: errors, the members that ${isOne ? 'it takes' : 'they take'} (every other one is refused by name).
npm run check refuses the file until you delete the sentence "not written yet" above ${isOne ? 'it' : 'them'}.`;
}
