/**
 * `npm run new:remediation -- ec2/do-this --control EC2.99` writes a folder that keeps every law, and generates the
 * lists that name it. With `--setting`, it is a setting of a resource type of the service.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { controlPageUrl } from '../cli/catalogue/catalogue.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import type { Remediation } from '../functions/contract/remediation.ts';
import { CIS_REQUIREMENTS } from '../functions/domain/benchmarks.ts';
import { OLDER_NAMES } from '../functions/domain/controls.ts';
import { declarations } from './generators/declarations.ts';
import { writeFiles } from './generators/files.ts';
import { readmeHeads } from './generators/readme-heads.ts';
import { remediationLists, variableName } from './generators/remediation-lists.ts';
import { lettersAndDigits } from './identifiers.ts';
import { settingFiles } from './new-setting.ts';
import { runGenerator } from './run-generator.ts';
import { NOT_WRITTEN } from './structure/skeletons.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REMEDIATIONS = join(ROOT, 'functions/remediations');
const TEMPLATES = join(ROOT, 'tools/templates');
const TEMPLATE_FILES = ['index.ts', 'scenarios.ts', 'readme.md'] as const;
const USAGE = `npm run new:remediation -- <service>/<verb-thing> --control <control> [--setting [--of <resource-type>]]
                           [--other-service]
  (rds/protect-instances --control RDS.8 --setting)

  --setting        a setting of a resource type of the service
  --of             the file of that resource type, without .ts, if the service has several
  --other-service  the control is one of another service than the remediation`;

/** The function's name is `suture-remediation-<service>-<verb-thing>`, and Lambda allows 64 characters. */
const MAX_ID_LENGTH = 45;

export type NewRemediation = {
  readonly id: string;
  readonly control: string;
  readonly isSetting?: boolean;
  /** The resource type of a setting, by its file, if the service has several. */
  readonly resourceType?: string;
  /** The control is one of another service than the remediation. */
  readonly isOfOtherService?: boolean;
};

/** @throws UsageError for an id or a control that is malformed or taken */
export function validateNewRemediation(
  { id, control, isOfOtherService }: NewRemediation,
  remediations: readonly Remediation[],
): void {
  if (!/^[a-z][a-z0-9]*\/[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
    throw new UsageError(
      `"${id}" is not <service>/<verb-thing> in lower-case letters and digits, such as ec2/close-ports.`,
    );
  if (id.length > MAX_ID_LENGTH)
    throw new UsageError(
      `"${id}" has ${id.length} characters. At most ${MAX_ID_LENGTH} are allowed, because the function is named after it.`,
    );
  if (!/^[A-Z][A-Za-z0-9]{0,39}\.[1-9]\d{0,2}$/.test(control))
    throw new UsageError(`"${control}" is not the name of a Security Hub control, such as EC2.99.`);
  const handler = remediations.find(({ handles }) => handles.controls.includes(control));
  if (handler) throw new UsageError(`${handler.id} already handles ${control}.`);
  const prefixes = controlPrefixes(id, remediations);
  if (!isOfOtherService && !prefixes.some((prefix) => lettersAndDigits(prefix) === lettersAndDigits(prefixOf(control))))
    throw new UsageError(
      `${control} is not a control of ${serviceOf(id)}: those begin with ${prefixes.join(' or ')}. If it is the right one (${controlPageUrl(control)}), add --other-service.`,
    );
  if (existsSync(join(REMEDIATIONS, id)))
    throw new UsageError(`functions/remediations/${id} exists already. Nothing was written.`);
}

const serviceOf = (id: string): string => id.slice(0, id.indexOf('/'));
const prefixOf = (control: string): string => control.slice(0, control.indexOf('.'));

/** Returns the beginnings of the service's controls: those that its other remediations handle, or the service's name. */
function controlPrefixes(id: string, remediations: readonly Remediation[]): string[] {
  const ofService = remediations.filter((each) => serviceOf(each.id) === serviceOf(id));
  const handled = ofService.flatMap(({ handles }) => handles.controls.map(prefixOf));
  const named = knownControls(remediations)
    .map(prefixOf)
    .filter((prefix) => lettersAndDigits(prefix) === serviceOf(id));
  const prefixes = [...new Set([...handled, ...named])];
  return prefixes.length > 0 ? prefixes : [serviceOf(id).toUpperCase()];
}

/** Returns the controls of AWS's table of older names, of the CIS benchmarks, and of remediations. AWS has more. */
const knownControls = (remediations: readonly Remediation[]): string[] => [
  ...Object.values(OLDER_NAMES).flat(),
  ...Object.keys(CIS_REQUIREMENTS),
  ...remediations.flatMap(({ handles }) => handles.controls),
];

/**
 * Imports the generated list.
 * @throws UsageError for a list that names a folder without an index.ts, such as one that was deleted or renamed
 */
async function loadRegistry(): Promise<{ readonly REMEDIATIONS: readonly Remediation[] }> {
  const missing = missingRemediations();
  if (missing.length === 0) return import('../functions/remediations/registry.generated.ts');
  throw new UsageError(
    `The generated lists name ${missing.join(', ')}, which functions/remediations does not have. Nothing was written. Run npm run generate, then this again.`,
  );
}

function missingRemediations(): string[] {
  const list = readFileSync(join(REMEDIATIONS, 'registry.generated.ts'), 'utf8');
  return [...list.matchAll(/from '\.\/(.+)\/index\.ts'/g)]
    .map(([, id]) => id!)
    .filter((id) => !existsSync(join(REMEDIATIONS, id, 'index.ts')));
}

async function write(newRemediation: NewRemediation, others: readonly Remediation[]): Promise<void> {
  const folder = join(REMEDIATIONS, newRemediation.id);
  const files = newRemediation.isSetting
    ? await settingFiles(REMEDIATIONS, join(TEMPLATES, 'setting'), newRemediation)
    : await moduleFiles(newRemediation);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  await writeFiles(remediationLists());
  const { default: remediation } = await import(pathToFileURL(join(folder, 'index.ts')).href);
  const all = [...others, remediation].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  await writeFiles([await declarations(all), ...(await readmeHeads([remediation]))]);
}

async function moduleFiles(newRemediation: NewRemediation): Promise<Record<string, string>> {
  const texts = TEMPLATE_FILES.map(async (file) => {
    const template = await readFile(join(TEMPLATES, 'remediation', file), 'utf8');
    return [file, fillTemplate(template, newRemediation)] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** Replaces the placeholders, and the paths to the contract, which differ in the template's folder. */
function fillTemplate(text: string, { id, control }: NewRemediation): string {
  return text
    .replaceAll('../../../functions/contract/', '../../../contract/')
    .replaceAll(controlPageUrl('EC2.99'), controlPageUrl(control))
    .replaceAll('EC2.99', control)
    .replaceAll('service/verb-thing', id)
    .replaceAll('verbThing', variableName(id));
}

const nextSteps = ({ id, control }: NewRemediation, others: readonly Remediation[]): string =>
  `functions/remediations/${id} has an example that ${lawsText(id)}.${unlistedControlText(control, others)} Next steps:

1. Make it close ${control} (${controlPageUrl(control)}):
   in scenarios.ts the faulty resources and the expected results, then index.ts and readme.md.
2. Prove it after each change:
   npm run prove -- ${id} --watch
3. Update the generated pages, and check the form:
   npm run generate && npm run check`;

/** Warns of a control that no list has. AWS adds controls, so it may exist. */
export const unlistedControlText = (control: string, remediations: readonly Remediation[]): string =>
  knownControls(remediations).includes(control)
    ? ''
    : `\nSuture's lists of controls do not have ${control}; they lack newer ones. Look whether AWS has it: ${controlPageUrl(control)}\n`;

/** Warns of a resource type that is still the skeleton of `npm run new:resource-type`. */
function lawsText(id: string): string {
  const service = serviceOf(id);
  const files = globSync('*.ts', { cwd: join(REMEDIATIONS, service) }).sort();
  const unwritten = files.filter((file) =>
    readFileSync(join(REMEDIATIONS, service, file), 'utf8').includes(NOT_WRITTEN),
  );
  if (unwritten.length === 0) return 'keeps every law';
  const paths = unwritten.map((file) => `functions/remediations/${service}/${file}`).join(' and ');
  return `keeps no law until ${paths} ${unwritten.length === 1 ? 'is' : 'are'} written`;
}

function parseArguments(): NewRemediation {
  try {
    const { values, positionals } = parseOptions({
      allowPositionals: true,
      options: {
        ...{ control: { type: 'string' }, setting: { type: 'boolean' }, of: { type: 'string' } },
        'other-service': { type: 'boolean' },
      },
    });
    const [id, ...more] = positionals;
    const { control, setting, of } = values;
    if (!id || more.length > 0 || !control) throw new Error('Name one remediation and one control.');
    if (of && !setting) throw new Error('--of names the resource type of a setting: add --setting.');
    return { id, control, isSetting: setting, resourceType: of, isOfOtherService: values['other-service'] };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => {
    const newRemediation = parseArguments();
    const { REMEDIATIONS } = await loadRegistry();
    validateNewRemediation(newRemediation, REMEDIATIONS);
    await write(newRemediation, REMEDIATIONS);
    return nextSteps(newRemediation, REMEDIATIONS);
  });
