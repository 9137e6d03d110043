/**
 * `npm run new:package -- ../our-fixes` writes a package of remediations outside this repository, with an example that
 * keeps every law.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlPageUrl } from '../cli/catalogue/catalogue.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import { fromCaller } from '../cli/options/from-caller.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import { CONTRACT_VERSION } from '../stacks/packages/contract-version.ts';
import { runGenerator } from './run-generator.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEMPLATES = join(ROOT, 'tools/templates');
const USAGE = `npm run new:package -- <folder> [--namespace <team>] [--control <control>] [--setting]
  (../our-fixes --namespace our --control EC2.43)`;

/** Each example fulfils its control: one is a module of its own, the other a setting of a resource type. */
const EXAMPLES = {
  module: {
    control: 'EC2.43',
    folder: 'ec2/name-owner',
    variable: 'nameOwner',
    title: 'Name an owner of the security group',
    risk: 'safe',
    template: 'remediation',
    serviceFiles: [],
  },
  setting: {
    control: 'ECR.2',
    folder: 'ecr/keep-image-tags',
    variable: 'keepImageTags',
    title: 'Keep the image that a tag names',
    risk: 'disruptive',
    template: 'package-setting',
    serviceFiles: ['repository.ts', 'fixtures.ts'],
  },
} as const;

type NewPackage = {
  readonly folder: string;
  /** Relative to the repository, as cdk.json has it. */
  readonly relativeFolder: string;
  readonly namespace: string;
  readonly control: string;
  readonly example: (typeof EXAMPLES)[keyof typeof EXAMPLES];
};

function parseArguments(): NewPackage {
  try {
    const { values, positionals } = parseOptions({
      allowPositionals: true,
      options: { namespace: { type: 'string' }, control: { type: 'string' }, setting: { type: 'boolean' } },
    });
    const [path, ...more] = positionals;
    if (!path || more.length > 0) throw new Error('Name one folder.');
    const folder = fromCaller(path);
    const namespace = values.namespace ?? basename(folder).split(/[^a-z0-9]/)[0]!;
    const example = EXAMPLES[values.setting ? 'setting' : 'module'];
    const { control = example.control } = values;
    const newPackage = { folder, relativeFolder: relative(ROOT, folder), namespace, control, example };
    validateNewPackage(newPackage);
    return newPackage;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

function validateNewPackage({ folder, relativeFolder, namespace, control }: NewPackage): void {
  if (!relativeFolder.startsWith('..'))
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
}

async function write(newPackage: NewPackage): Promise<void> {
  const files = {
    'package.json': json(manifest(newPackage)),
    'tsconfig.json': json(compilerOptions(newPackage)),
    'README.md': await readmeText(newPackage),
    ...(await exampleFiles(newPackage)),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(newPackage.folder, file)), { recursive: true });
    await writeFile(join(newPackage.folder, file), text);
  }
}

/** Returns the example's files, and those of its service beside its folder. */
async function exampleFiles(newPackage: NewPackage): Promise<Readonly<Record<string, string>>> {
  const folder = join('remediations', exampleId(newPackage));
  const paths = [
    ...['index.ts', 'scenarios.ts', 'readme.md'].map((file) => join(folder, file)),
    ...newPackage.example.serviceFiles.map((file) => join(dirname(folder), file)),
  ];
  const files = paths.map(async (path) => [path, await exampleText(basename(path), newPackage)] as const);
  return Object.fromEntries(await Promise.all(files));
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

/** Takes the types from this repository, so that the package needs no `npm install`. */
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

async function readmeText(newPackage: NewPackage): Promise<string> {
  const text = await readFile(join(TEMPLATES, 'package/README.md'), 'utf8');
  return text
    .replaceAll('PACKAGE_FOLDER', newPackage.relativeFolder)
    .replaceAll('PACKAGE', basename(newPackage.folder))
    .replaceAll('NAMESPACE', newPackage.namespace)
    .replaceAll('EXAMPLE', exampleId(newPackage))
    .replaceAll('CONTROL', newPackage.control);
}

/** Replaces the placeholders of a template, and its paths, which differ from those of a package. */
async function exampleText(file: string, newPackage: NewPackage): Promise<string> {
  const text = await readFile(join(TEMPLATES, newPackage.example.template, file), 'utf8');
  const head = `# ${newPackage.example.title}\n\nControl: [${newPackage.control}](${controlPageUrl(newPackage.control)}). Risk: ${newPackage.example.risk}.`;
  return (
    text
      .replaceAll(/\.\.\/\.\.\/\.\.\/functions\/contract\/(\w+)\.ts/g, '@suture/contract/$1')
      .replaceAll('../../../functions/remediations/kit/index.ts', '@suture/kit')
      .replaceAll('../../../functions/remediations/kit/scenarios.ts', '@suture/kit/scenarios')
      // The template has all files in one folder. In the package, the service's files are above the example's.
      .replaceAll(
        /'\.\/(repository|fixtures)\.ts'/g,
        file === 'index.ts' || file === 'scenarios.ts' ? "'../$1.ts'" : "'./$1.ts'",
      )
      .replaceAll(controlPageUrl('EC2.99'), controlPageUrl(newPackage.control))
      .replaceAll('EC2.99', newPackage.control)
      .replaceAll('service/verb-thing', exampleId(newPackage))
      .replaceAll('verbThing', newPackage.example.variable)
      .replace('<!-- head -->\n<!-- end -->', head)
  );
}

const nextSteps = (newPackage: NewPackage): string =>
  `${newPackage.relativeFolder} has an example that keeps every law. Next steps, in this repository:

1. Name the package in cdk.json, in context.suture:
   "remediations": ["${newPackage.relativeFolder}"]
2. Prove the example, after each change of it too; synthesis refuses what is not proven:
   npm run prove -- ${exampleId(newPackage)}
3. Look at it, and at what the member role may do from now on; then run the whole pipeline with it in the sandbox:
   npm run -s suture -- explain ${newPackage.control}
   npm run acknowledge-boundary
   npm start
4. Make it close a control of yours: in ${newPackage.relativeFolder}/remediations the scenarios first, then index.ts and readme.md.
   functions/remediations/README.md explains each step.`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => {
    const newPackage = parseArguments();
    await write(newPackage);
    return nextSteps(newPackage);
  });
