/** The files of a new setting: one attribute of a resource type that its service has already. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { controlPageUrl } from '../cli/catalogue/catalogue.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import type { AttributeValue, ResourceDeclaration } from '../functions/remediations/kit/resource-type.ts';
import { variableName } from './generators/remediation-lists.ts';

export type NewSetting = { readonly id: string; readonly control: string; readonly of?: string };

/** An export of a file in a service's folder. */
type Named<T> = { readonly file: string; readonly name: string; readonly value: T };

/** Returns the texts of the setting's files by name. @throws UsageError if the service has not one resource type */
export async function settingFiles(remediations: string, template: string, wanted: NewSetting) {
  const service = wanted.id.slice(0, wanted.id.indexOf('/'));
  const exported = await exportsIn(join(remediations, service));
  const type = chosenType(exported.filter(isResourceType), wanted, service);
  const fixture = exported.find(({ value }) => (value as { type?: unknown } | undefined)?.type === type.value);
  if (!fixture)
    throw new UsageError(
      `No file of functions/remediations/${service} exports a resourceFixture of ${type.name}, which scenarios need. See functions/remediations/rds/fixtures.ts.`,
    );
  const [attribute, passing] = exampleOf(type);
  const value = literal(passing);
  const readme = await readFile(join(template, 'readme.md'), 'utf8');
  return {
    'index.ts': indexText(wanted, type, `${attribute}: ${value}`),
    'scenarios.ts': scenariosText(wanted, fixture, attribute, [type.value.attributes[attribute]!.default, passing]),
    'readme.md': readme.replaceAll('ATTRIBUTE', attribute).replaceAll('VALUE', value),
  };
}

async function exportsIn(folder: string): Promise<Named<unknown>[]> {
  const files = globSync('*.ts', { cwd: folder }).sort();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(folder, file)).href)));
  return modules.flatMap((module, n) =>
    Object.entries(module).map(([name, value]) => ({ file: files[n]!, name, value })),
  );
}

const isResourceType = (each: Named<any>): each is Named<ResourceDeclaration> =>
  each.value?.attributes !== undefined && typeof each.value.find === 'function';

function chosenType(types: readonly Named<ResourceDeclaration>[], { id, of }: NewSetting, service: string) {
  const names = types.map(({ file }) => basename(file, '.ts'));
  const [chosen, ...more] = types.filter((_, n) => of === undefined || names[n] === of);
  if (chosen && more.length === 0) return chosen;
  if (types.length === 0)
    throw new UsageError(
      `${service} has no resource type yet. Begin with one and its fixture: npm run new:resource-type -- ${service} <type>; then run this again.`,
    );
  throw new UsageError(
    `${service} has the resource types ${names.join(', ')}. Name the one of ${id}, such as --of ${names[0]}.`,
  );
}

/** Returns an attribute, and a value that is not AWS's default. */
function exampleOf({ name, value: { attributes } }: Named<ResourceDeclaration>): [string, AttributeValue] {
  for (const [attribute, { default: usual, type }] of Object.entries<any>(attributes)) {
    const others =
      typeof usual === 'boolean' ? [!usual] : typeof usual === 'number' ? [usual + 1] : (type.options ?? []);
    const other = others.find((each: unknown) => each !== usual && type.safeParse(each).success);
    if (other !== undefined) return [attribute, other];
  }
  throw new UsageError(`${name} has no attribute yet. Add the one that the control is about.`);
}

const literal = (value: AttributeValue): string => (typeof value === 'string' ? `'${value}'` : String(value));

const indexText = ({ id, control }: NewSetting, { file, name }: Named<unknown>, wants: string): string => `/**
 * ${control}: ${controlPageUrl(control)}
 * An example: say what this control wants.
 */
import { setting } from '../../kit/setting.ts';
import { ${name} } from '../${file}';

export default setting(${name}, {
  id: '${id}',
  title: 'Give the resource a value that is not the default',
  controls: ['${control}'],
  risk: 'safe',
  wants: { ${wants} },
});
`;

const scenariosText = (
  { id }: NewSetting,
  { file, name }: Named<unknown>,
  attribute: string,
  [wrong, right]: readonly [AttributeValue, AttributeValue],
): string => {
  const [kit, own] = [`import { settingScenarios } from '../../kit/setting-scenarios.ts';`, variableName(id)];
  return `${kit}
import { ${name} } from '../${file}';
import ${own} from './index.ts';

export default settingScenarios(${own}, ${name}, {
  wrong: { ${attribute}: ${literal(wrong)} },
  right: { ${attribute}: ${literal(right)} },
});
`;
};
