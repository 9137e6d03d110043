/**
 * `npm run new:package -- ../our-fixes` writes a package of remediations outside this repository, with an example that
 * keeps every law.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { controlPageUrl } from '../cli/catalogue/catalogue.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import { fromCaller } from '../cli/options/from-caller.ts';
import { CONTRACT_VERSION } from '../stacks/packages/contract-version.ts';
import { runGenerator } from './run-generator.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEMPLATES = join(ROOT, 'tools/templates');
const USAGE = `npm run new:package -- <folder> [--namespace <team>] [--control <control>] [--setting]
  (../our-fixes --namespace our --control EC2.43)`;

/** Examples of what their control asks for: a module of its own, and a setting of a resource type. */
const EXAMPLES = {
  module: {
    control: 'EC2.43',
    folder: 'ec2/name-owner',
    variable: 'nameOwner',
    title: 'Name an owner of the security group',
    risk: 'safe',
    template: 'remediation',
    shared: [],
  },
  setting: {
    control: 'ECR.2',
    folder: 'ecr/keep-image-tags',
    variable: 'keepImageTags',
    title: 'Keep the image that a tag names',
    risk: 'disruptive',
    template: 'package-setting',
    shared: ['repository.ts', 'fixtures.ts'],
  },
} as const;

type NewPackage = {
  readonly folder: string;
  /** Relative to the repository, as cdk.json names it. */
  readonly named: string;
  readonly namespace: string;
  readonly control: string;
  readonly example: (typeof EXAMPLES)[keyof typeof EXAMPLES];
};

function parseArguments(): NewPackage {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { namespace: { type: 'string' }, control: { type: 'string' }, setting: { type: 'boolean' } },
    });
    const [given, ...more] = positionals;
    if (!given || more.length > 0) throw new Error('Name one folder.');
    const folder = fromCaller(given);
    const namespace = values.namespace ?? basename(folder).split(/[^a-z0-9]/)[0]!;
    const example = EXAMPLES[values.setting ? 'setting' : 'module'];
    const { control = example.control } = values;
    return validated({ folder, named: relative(ROOT, folder), namespace, control, example });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

function validated(wanted: NewPackage): NewPackage {
  const { folder, named, namespace, control } = wanted;
  if (!named.startsWith('..'))
    throw new Error(`${folder} is in this repository. Name a folder outside of it, such as ../our-fixes.`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} exists already, and is not empty. Nothing was written.`);
  if (!/^[a-z][a-z0-9]{1,11}$/.test(namespace))
    throw new Error(
      `"${namespace}" is not a namespace: 2 to 12 lower-case letters and digits. Give --namespace <team>.`,
    );
  if (existsSync(join(ROOT, 'functions/remediations', namespace)))
    throw new Error(`"${namespace}" is a service of Suture's own. Give another: --namespace <team>.`);
  if (!/^[A-Z][A-Za-z0-9]{0,39}\.[1-9]\d{0,2}$/.test(control))
    throw new Error(`"${control}" is not the name of a Security Hub control, such as ${EXAMPLES.module.control}.`);
  return wanted;
}

async function write(wanted: NewPackage): Promise<void> {
  const example = join('remediations', exampleId(wanted));
  const shared = wanted.example.shared.map(
    async (file): Promise<[path: string, text: string]> => [
      join(dirname(example), file),
      await exampleText(file, wanted),
    ],
  );
  const files = {
    'package.json': json(manifest(wanted)),
    'tsconfig.json': json(compilerOptions(wanted)),
    'README.md': await readmeText(wanted),
    [join(example, 'index.ts')]: await exampleText('index.ts', wanted),
    [join(example, 'scenarios.ts')]: await exampleText('scenarios.ts', wanted),
    [join(example, 'readme.md')]: await exampleText('readme.md', wanted),
    ...Object.fromEntries(await Promise.all(shared)),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(wanted.folder, file)), { recursive: true });
    await writeFile(join(wanted.folder, file), text);
  }
}

const exampleId = ({ namespace, example }: NewPackage) => `${namespace}-${example.folder}`;
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const manifest = ({ folder, namespace }: NewPackage) => ({
  name: basename(folder),
  version: '0.1.0',
  private: true,
  type: 'module',
  suture: { namespace, contract: CONTRACT_VERSION },
});

/** Types come from the repository beside the package, so that nothing needs to be installed in it. */
function compilerOptions({ folder }: NewPackage) {
  const suture = relative(folder, ROOT);
  return {
    extends: `${suture}/tsconfig.json`,
    compilerOptions: {
      typeRoots: [`${suture}/node_modules/@types`],
      paths: {
        '@suture/contract/*': [`${suture}/functions/contract/*.ts`],
        '@suture/kit': [`${suture}/functions/remediations/kit/index.ts`],
        '@suture/kit/*': [`${suture}/functions/remediations/kit/*.ts`],
        '@aws-sdk/client-*': [`${suture}/node_modules/@aws-sdk/client-*/dist-types/index.d.ts`],
        zod: [`${suture}/node_modules/zod/index.d.ts`],
      },
    },
    include: ['remediations'],
  };
}

async function readmeText(wanted: NewPackage): Promise<string> {
  const text = await readFile(join(TEMPLATES, 'package/README.md'), 'utf8');
  return text
    .replaceAll('PACKAGE_FOLDER', wanted.named)
    .replaceAll('PACKAGE', basename(wanted.folder))
    .replaceAll('NAMESPACE', wanted.namespace)
    .replaceAll('EXAMPLE', exampleId(wanted))
    .replaceAll('CONTROL', wanted.control);
}

/** The template compiles in its own folder, so its paths to the contract differ. */
async function exampleText(file: string, wanted: NewPackage): Promise<string> {
  const text = await readFile(join(TEMPLATES, wanted.example.template, file), 'utf8');
  const head = `# ${wanted.example.title}\n\nControl: [${wanted.control}](${controlPageUrl(wanted.control)}). Risk: ${wanted.example.risk}.`;
  return (
    text
      .replaceAll(/\.\.\/\.\.\/\.\.\/functions\/contract\/(\w+)\.ts/g, '@suture/contract/$1')
      .replaceAll('../../../functions/remediations/kit/index.ts', '@suture/kit')
      .replaceAll('../../../functions/remediations/kit/scenarios.ts', '@suture/kit/scenarios')
      // Beside the folder of the setting, whose template is flat.
      .replaceAll(
        /'\.\/(repository|fixtures)\.ts'/g,
        file === 'index.ts' || file === 'scenarios.ts' ? "'../$1.ts'" : "'./$1.ts'",
      )
      .replaceAll(controlPageUrl('EC2.99'), controlPageUrl(wanted.control))
      .replaceAll('EC2.99', wanted.control)
      .replaceAll('service/verb-thing', exampleId(wanted))
      .replaceAll('verbThing', wanted.example.variable)
      .replace('<!-- head -->\n<!-- end -->', head)
  );
}

const nextSteps = (wanted: NewPackage): string =>
  `${wanted.named} has an example that keeps every law. Next steps, in this repository:

1. Name the package in cdk.json, in context.suture:
   "remediations": ["${wanted.named}"]
2. Prove the example, after each change of it too; synthesis refuses what is not proven:
   npm run prove -- ${exampleId(wanted)}
3. Look at it, and at what the member role may do from now on; then run the whole pipeline with it in the sandbox:
   npm run -s suture -- explain ${wanted.control}
   npm run acknowledge-boundary
   npm start
4. Make it close a control of yours: in ${wanted.named}/remediations the scenarios first, then index.ts and readme.md.
   functions/remediations/README.md explains each step.`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => {
    const wanted = parseArguments();
    await write(wanted);
    return nextSteps(wanted);
  });
