/** The files of a new setting: one attribute of a resource type that its service has already. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { controlPageUrl } from '../cli/catalogue/catalogue.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import { mostAlike } from '../functions/domain/nearest.ts';
import type { AttributeValue, ResourceDeclaration } from '../functions/remediations/kit/resource-type.ts';
import { variableName } from './generators/remediation-lists.ts';

/** `resourceType` is the file that has it, without `.ts`. */
export type NewSetting = { readonly id: string; readonly control: string; readonly resourceType?: string };

/** An export of a file in a service's folder. */
type FileExport<T> = { readonly file: string; readonly name: string; readonly value: T };

/**
 * Returns the texts of the setting's files by name. `template` is the folder of the readme's template.
 * @throws UsageError for a service without resource types, or with several of which the setting names none
 */
export async function settingFiles(remediations: string, template: string, newSetting: NewSetting) {
  const service = newSetting.id.slice(0, newSetting.id.indexOf('/'));
  const fileExports = await exportsIn(join(remediations, service));
  const type = chooseType(fileExports.filter(isResourceType), newSetting, service);
  const fixture = fileExports.find(({ value }) => (value as { type?: unknown } | undefined)?.type === type.value);
  if (!fixture)
    throw new UsageError(
      `No file of functions/remediations/${service} exports a resourceFixture of ${type.name}, which scenarios need. See functions/remediations/rds/fixtures.ts.`,
    );
  const [attribute, wantedValue] = exampleOf(type);
  const value = literal(wantedValue);
  const readme = await readFile(join(template, 'readme.md'), 'utf8');
  return {
    'index.ts': indexText(newSetting, type, `${attribute}: ${value}`),
    'scenarios.ts': scenariosText(newSetting, fixture, attribute, {
      wrong: literal(type.value.attributes[attribute]!.default),
      right: value,
    }),
    'readme.md': readme.replaceAll('ATTRIBUTE', attribute).replaceAll('VALUE', value),
  };
}

async function exportsIn(folder: string): Promise<FileExport<unknown>[]> {
  const files = globSync('*.ts', { cwd: folder }).sort();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(folder, file)).href)));
  return modules.flatMap((module, n) =>
    Object.entries(module).map(([name, value]) => ({ file: files[n]!, name, value })),
  );
}

const isResourceType = (each: FileExport<any>): each is FileExport<ResourceDeclaration> =>
  each.value?.attributes !== undefined && typeof each.value.find === 'function';

function chooseType(types: readonly FileExport<ResourceDeclaration>[], newSetting: NewSetting, service: string) {
  const { id, resourceType } = newSetting;
  const nameOf = ({ file }: FileExport<unknown>) => basename(file, '.ts');
  const [first, ...others] = types.filter((type) => resourceType === undefined || nameOf(type) === resourceType);
  if (first && others.length === 0) return first;
  if (types.length === 0)
    throw new UsageError(
      `${service} has no resource type yet. Begin with one and its fixture: npm run new:resource-type -- ${service} <type>; then run this again.`,
    );
  const names = types.map(nameOf);
  const wrong = resourceType === undefined ? '' : `--of ${resourceType}: ${service} has no such resource type. `;
  const [example] = resourceType === undefined ? names : mostAlike(resourceType, names);
  throw new UsageError(
    `${wrong}${service} has the resource ${names.length === 1 ? 'type' : 'types'} ${names.join(', ')}. Name the one of ${id}, such as --of ${example}.`,
  );
}

/** Returns an attribute, and a value that is not AWS's default. */
function exampleOf({ name, value: { attributes } }: FileExport<ResourceDeclaration>): [string, AttributeValue] {
  for (const [attribute, { default: awsDefault, type }] of Object.entries<any>(attributes)) {
    const value = otherValues(awsDefault, type.options).find(
      (other) => other !== awsDefault && type.safeParse(other).success,
    );
    if (value !== undefined) return [attribute, value];
  }
  throw new UsageError(`${name} has no attribute yet. Add the one that the control is about.`);
}

/** `enumOptions` are the values of an attribute whose type is an enum. */
function otherValues(value: AttributeValue, enumOptions: readonly AttributeValue[] = []): readonly AttributeValue[] {
  if (typeof value === 'boolean') return [!value];
  return typeof value === 'number' ? [value + 1] : enumOptions;
}

const literal = (value: AttributeValue): string => (typeof value === 'string' ? `'${value}'` : String(value));

const indexText = ({ id, control }: NewSetting, { file, name }: FileExport<unknown>, wants: string): string => `/**
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
  { file, name }: FileExport<unknown>,
  attribute: string,
  { wrong, right }: { readonly wrong: string; readonly right: string },
): string => {
  const variable = variableName(id);
  return `import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { ${name} } from '../${file}';
import ${variable} from './index.ts';

export default settingScenarios(${variable}, ${name}, {
  wrong: { ${attribute}: ${wrong} },
  right: { ${attribute}: ${right} },
});
`;
};
