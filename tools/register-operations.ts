/** Registers new operations in the `index.ts` of a sandbox service. */
import type { NewKind } from './record-kind.ts';
import { withImport } from './source-text.ts';

/** A form in which `index.ts` has its operations. `existing` is what the group of the pattern matched. */
type OperationsForm = { readonly pattern: RegExp; readonly text: (added: string, existing: string) => string };

const EMPTY_LITERAL = /^ {2}operations: \{\},$/m;
const LITERAL = /^ {2}operations: \{(?=[\n ])/m;
const RECORD_OPERATIONS = /^ {2}operations: (recordOperations<typeof sdk>\([\s\S]*?^ {2}\}\)),$/m;
const VARIABLE = /^ {2}operations: (\w+),$/m;

/** `added` is `DescribeCluster: describeCluster`. */
const FORMS_WITH_OPERATION: readonly OperationsForm[] = [
  { pattern: EMPTY_LITERAL, text: (added) => `  operations: { ${added} },` },
  { pattern: LITERAL, text: (added) => `  operations: { ${added},` },
  { pattern: RECORD_OPERATIONS, text: (added, existing) => `  operations: { ${added}, ...${existing} },` },
  { pattern: VARIABLE, text: (added, existing) => `  operations: { ${added}, ...${existing} },` },
];

/** `added` is `studioOperations`. */
const FORMS_WITH_KIND: readonly OperationsForm[] = [
  { pattern: EMPTY_LITERAL, text: (added) => `  operations: ${added},` },
  { pattern: LITERAL, text: (added) => `  operations: { ...${added},` },
  { pattern: VARIABLE, text: (added, existing) => `  operations: { ...${existing}, ...${added} },` },
];

/** Returns undefined if the operations of `index.ts` have none of the forms. */
function withOperations(index: string, forms: readonly OperationsForm[], added: string): string | undefined {
  const form = forms.find(({ pattern }) => pattern.test(index));
  return form && index.replace(form.pattern, (_, existing: string) => form.text(added, existing));
}

/** Returns `index.ts` with an operation of its own file; undefined if its operations have an unknown form. */
export function registerOperation(index: string, name: string, variable: string, file: string): string | undefined {
  const text = withOperations(index, FORMS_WITH_OPERATION, `${name}: ${variable}`);
  return text && withImport(text, `import { ${variable} } from './${file}';`);
}

const KINDS_START = 'const KINDS: readonly RecordKind[] = [';
const STATE_KINDS = /(recordStateKey\('\w+', '\w+', \[)/;

/** Returns `index.ts` and `state.ts` with the kind; undefined if they have another form than `new:service` gave them. */
export function registerKind(
  index: string,
  state: string,
  { constant, operations, records, file }: NewKind,
): { readonly index: string; readonly state: string } | undefined {
  if (!index.includes(KINDS_START) || !STATE_KINDS.test(state)) return undefined;
  const text = withOperations(index, FORMS_WITH_KIND, operations)
    ?.replace('/** No operation is modelled yet. */', `/** Plain records: ${records}. */`)
    .replace(KINDS_START, `${KINDS_START}${constant}, `);
  if (text === undefined) return undefined;
  return {
    index: withImport(text, `import { ${constant}, ${operations} } from './${file}';`),
    state: state.replace(STATE_KINDS, `$1'${records}', `),
  };
}
