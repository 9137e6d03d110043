/** The lists of `functions/remediations/registry.generated.ts` and `scenarios.generated.ts`: one import and one element a remediation, by id. */

type Line = { readonly name: string; readonly id: string };

const IMPORT = /^import (?<name>\w+) from '\.\/(?<id>[^']+)\/(?<module>index|scenarios)\.ts';\n/gm;
const LIST = /^(?<start>export const (remediations|cases): .+ = )\[[^\]]*\];$/m;

/** The text of such a file with this remediation in its place, as the formatter has it. */
export function withLine(text: string, id: string): string {
  const imports = [...text.matchAll(IMPORT)];
  const start = LIST.exec(text)?.groups?.start;
  if (imports.length === 0 || !start)
    throw new Error('This is no list of remediations that can be added to by machine.');
  const known = imports.map(({ groups }): Line => ({ name: groups!.name!, id: groups!.id! }));
  const lines = [...known, { id, name: freeName(id, known) }].sort((a, b) => (a.id < b.id ? -1 : 1));
  const module = imports[0]!.groups!.module;
  const all = lines.map((line) => `import ${line.name} from './${line.id}/${module}.ts';\n`).join('');
  const at = imports[0]!.index;
  const others = text.replace(IMPORT, '');
  return `${others.slice(0, at)}${all}${others.slice(at)}`.replace(LIST, () => list(start, lines));
}

/** `ec2/close-admin-ports` → `closeAdminPorts`. */
export const variableName = (id: string): string => camelCase(id.slice(id.indexOf('/') + 1));

/** Two services may have remediations of one name. */
function freeName(id: string, known: readonly Line[]): string {
  const name = variableName(id);
  return known.some((line) => line.name === name) ? camelCase(id.replace('/', '-')) : name;
}

const camelCase = (hyphenated: string) => hyphenated.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** On one line where it fits. */
function list(start: string, lines: readonly Line[]): string {
  const short = `${start}[${lines.map(({ name }) => name).join(', ')}];`;
  return short.length <= 120 ? short : `${start}[\n${lines.map(({ name }) => `  ${name},\n`).join('')}];`;
}
