/** Remediations as source text without their code, for bundles that never run one. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as z from 'zod';
import { accountTarget, arnForms, identityOfTarget, type Remediation } from '../../functions/contract/remediation.ts';

export type DeclarationTexts = {
  /** Of files below the folder; paths have slashes. */
  readonly imports: readonly { readonly names: readonly string[]; readonly file: string }[];
  /** One for each remediation, in their order. */
  readonly texts: readonly string[];
};

/**
 * @param folder that of the remediations, with a folder for each service
 * @throws TypeError for a target or parameters that have no text
 */
export async function declarationTexts(
  remediations: readonly Remediation[],
  folder: string,
): Promise<DeclarationTexts> {
  const known = await targetsOfServices(folder);
  const used = new Set<ExportedTarget>();
  const texts = remediations.map((remediation) => {
    const exported = known.find(({ schema }) => schema === remediation.target);
    if (exported) used.add(exported);
    return declarationText(remediation, exported?.name ?? targetText(remediation));
  });
  const byFile = Map.groupBy(used, ({ file }) => file);
  const imports = [...byFile]
    .sort()
    .map(([file, targets]) => ({ file, names: targets.map(({ name }) => name).sort() }));
  return { imports, texts };
}

/** A target that no ARN shape describes. Its file imports no client. */
type ExportedTarget = { readonly name: string; readonly file: string; readonly schema: unknown };

async function targetsOfServices(folder: string): Promise<ExportedTarget[]> {
  const files = globSync('*/*-target.ts', { cwd: folder }).map((file) => file.replaceAll('\\', '/'));
  const modules = await Promise.all(
    files.sort().map(async (file) => ({ file, module: await import(pathToFileURL(join(folder, file)).href) })),
  );
  return modules.flatMap(({ file, module }) =>
    Object.entries(module).map(([name, schema]) => ({ name, file, schema })),
  );
}

function declarationText(remediation: Remediation, target: string) {
  const { id, version, risk, handles, global, alias, params, controlParams, riskOf, tags, undoes = [] } = remediation;
  const members = [
    `id: ${quoted(id)}`,
    ...(version === undefined ? [] : [`version: ${version}`]),
    `risk: ${quoted(risk)}`,
    `handles: ${JSON.stringify(handles)}`,
    ...(global ? ['global: true'] : []),
    ...(riskOf ? ['riskOf: true'] : []),
    ...(undoes.length > 0 ? ['undoes: true'] : []),
    ...(tags ? ['tags: true'] : []),
    `target: ${target}`,
    ...(alias ? [`alias: { target: ${targetText({ id, target: alias.target })} }`] : []),
    `params: ${schemaText(params, `The parameters of ${id}`)}`,
    ...(controlParams ? [`controlParams: ${JSON.stringify(controlParams)}`] : []),
  ];
  return `{ ${members.join(', ')} }`;
}

const quoted = (text: string) => JSON.stringify(text);

/** @throws TypeError for a target that is neither an account, an ARN nor exported by a `*-target.ts` of its service */
function targetText({ id, target }: Pick<Remediation, 'id' | 'target'>): string {
  if (target === accountTarget) return 'accountTarget';
  const forms = arnForms(target);
  const { shape, type } = identityOfTarget(target, id);
  if (!forms || !type)
    throw new TypeError(
      `The target of ${id} is a schema of its own. Export it from functions/remediations/${id.split('/')[0]}/<thing>-target.ts, which triage can import without a client.`,
    );
  const { ids, ending } = forms;
  const fields = Object.entries(ids).map(([name, form]) => `${name}: ${form}`);
  const hasForms = fields.length > 0 || ending;
  const more = [...(hasForms ? [`{ ${fields.join(', ')} }`] : []), ...(ending ? [String(ending)] : [])];
  return `arn(${[quoted(type), quoted(shape), ...more].join(', ')})`;
}

/**
 * Returns a schema as source text.
 * @throws TypeError for a type or check that it does not know: a parameter is data, and needs no others
 */
export function schemaText(schema: z.ZodType, what: string): string {
  const def = (schema as any)._zod.def;
  const inner = (of: z.ZodType) => schemaText(of, what);
  const types: Readonly<Record<string, () => string>> = {
    object: () => objectText(def, inner, what),
    optional: () => `${inner(def.innerType)}.optional()`,
    nullable: () => `${inner(def.innerType)}.nullable()`,
    default: () => `${inner(def.innerType)}.default(${JSON.stringify(def.defaultValue)})`,
    array: () => `z.array(${inner(def.element)})`,
    enum: () => `z.enum(${JSON.stringify(Object.values(def.entries))})`,
    number: () => (def.format === 'safeint' ? 'z.int()' : 'z.number()'),
    boolean: () => 'z.boolean()',
    string: () => 'z.string()',
  };
  const text = types[def.type];
  if (!text) throw new TypeError(`${what} have the type ${def.type}. Use objects, lists, enums, numbers, texts.`);
  return text() + (def.checks ?? []).map((check: any) => checkText(check._zod.def, what)).join('');
}

function objectText({ shape, catchall }: any, inner: (of: z.ZodType) => string, what: string): string {
  if (catchall?._zod.def.type !== 'never') throw new TypeError(`${what} accept unknown names. Use z.strictObject.`);
  const members = Object.entries<z.ZodType>(shape).map(([name, of]) => `${name}: ${inner(of)}`);
  return `z.strictObject({${members.length > 0 ? ` ${members.join(', ')} ` : ''}})`;
}

function checkText(check: any, what: string): string {
  const { check: name, value, inclusive, minimum, maximum, pattern } = check;
  if (name === 'greater_than') return inclusive ? `.min(${value})` : `.gt(${value})`;
  if (name === 'less_than') return inclusive ? `.max(${value})` : `.lt(${value})`;
  if (name === 'min_length') return `.min(${minimum})`;
  if (name === 'max_length') return `.max(${maximum})`;
  if (name === 'string_format' && check.format === 'regex')
    return `.regex(${pattern}${check.error ? `, ${JSON.stringify(check.error({}))}` : ''})`;
  throw new TypeError(`${what} have the check ${name}. Use limits, lengths and regular expressions.`);
}
