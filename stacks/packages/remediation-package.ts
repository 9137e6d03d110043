/** Packages in which a team keeps remediations outside this repository. `remediations` of cdk.json names them. */
import { globSync, lstatSync, readdirSync, readFileSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { CONTRACT_VERSION, isCompatibleContract } from './contract-version.ts';
import { PackageError } from './package-error.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The function's name is `suture-remediation-<service>-<verb-thing>`, and Lambda allows 64 characters. */
export const MAX_ID_LENGTH = 45;

export type PackagedModule = {
  readonly id: string;
  readonly folder: string;
  readonly index: string;
  readonly scenarios: string;
  readonly readme: string;
};

export type RemediationPackage = {
  /** The name or the folder, as cdk.json has it. */
  readonly given: string;
  readonly directory: string;
  /** The start of each of its ids: `<namespace>-<service>/<verb-thing>`. Services of Suture's own have no hyphen. */
  readonly namespace: string;
  readonly modules: readonly PackagedModule[];
};

const Manifest = z.object({
  type: z.literal('module', 'is not "module": Suture loads ES modules'),
  suture: z.object(
    {
      namespace: z
        .string('is missing')
        .regex(/^[a-z][a-z0-9]{1,11}$/, 'needs 2 to 12 lower-case letters and digits, such as "example"'),
      contract: z.string('is missing').regex(/^\d+\.\d+\.\d+$/, `is not a version, such as "${CONTRACT_VERSION}"`),
    },
    `is missing: it needs { "namespace": "example", "contract": "${CONTRACT_VERSION}" }`,
  ),
});

/**
 * Finds each package, and its modules by their folders. Loads no code.
 * @param given names of packages in node_modules, or paths of folders, relative to the repository
 * @throws PackageError with all problems
 */
export function findPackages(given: readonly string[]): RemediationPackage[] {
  const found = given.map(findPackage);
  const packages = found.flatMap((each) => ('problems' in each ? [] : [each]));
  const problems = found.flatMap((each) => ('problems' in each ? each.problems : []));
  const all = [...problems, ...collisions(packages)];
  if (all.length > 0) throw new PackageError(all);
  return packages;
}

type Problems = { readonly problems: readonly string[] };

function findPackage(given: string): RemediationPackage | Problems {
  const named = resolve(ROOT, isPath(given) ? given : join('node_modules', given));
  const problem = directoryProblem(given, named);
  if (problem) return { problems: [`${given}: ${problem}`] };
  // Node and esbuild know files by their real paths.
  const directory = realpathSync(named);
  const manifest = manifestOf(directory);
  if ('problems' in manifest) return { problems: manifest.problems.map((text) => `${given}/package.json: ${text}`) };
  const { namespace } = manifest.suture;
  const modules = modulesIn(directory);
  const problems = [
    ...linksIn(directory),
    ...(modules.length === 0
      ? ['has no remediation. Each is a folder: remediations/<namespace>-<service>/<verb-thing>/index.ts']
      : modules.flatMap((module) => moduleProblems(module, namespace))),
  ];
  if (problems.length > 0) return { problems: problems.map((text) => `${given}: ${text}`) };
  return { given, directory, namespace, modules };
}

const isPath = (given: string) => /^[./]/.test(given);

function directoryProblem(given: string, directory: string): string | undefined {
  const stats = statsOf(directory);
  if (!stats)
    return isPath(given)
      ? `there is no folder ${directory}. Correct context.suture.remediations in cdk.json, or make the package: npm run new:package -- ${given}`
      : `it is not installed. Install it (npm install ${given}), or name its folder in context.suture.remediations of cdk.json`;
  if (stats.isSymbolicLink())
    return `${directory} is a symbolic link. Name the folder itself in cdk.json: "${relative(ROOT, realpathSync(directory))}"`;
  if (!stats.isDirectory()) return `${directory} is a file. Name the folder of the package in cdk.json`;
  if (!relative(directory, ROOT).startsWith('..'))
    return `${directory} contains this repository. A package has a folder of its own`;
  return undefined;
}

const statsOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

function manifestOf(directory: string): z.infer<typeof Manifest> | Problems {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problems: [code === 'ENOENT' ? 'there is no such file' : `is not JSON: ${message}`] };
  }
  const parsed = Manifest.safeParse(content);
  if (!parsed.success)
    return { problems: parsed.error.issues.map(({ path, message }) => manifestProblem(content, path, message)) };
  const { contract, namespace } = parsed.data.suture;
  const problems = [
    ...(isCompatibleContract(contract)
      ? []
      : [
          `suture.contract is "${contract}", but the contract has version ${CONTRACT_VERSION} here. Use a version of Suture that has it, or change the remediations to this one and write "${CONTRACT_VERSION}"`,
        ]),
    ...(ownServices().includes(namespace)
      ? [
          `suture.namespace is "${namespace}", which is a service of Suture's own. Take another, such as your team's name`,
        ]
      : []),
  ];
  return problems.length > 0 ? { problems } : parsed.data;
}

function manifestProblem(content: unknown, path: readonly PropertyKey[], message: string): string {
  const value = path.reduce((of: any, key) => of?.[key], content);
  const shown = value === undefined || message.startsWith('is missing') ? '' : ` is ${JSON.stringify(value)}, which`;
  return `${path.map(String).join('.')}${shown} ${message}`;
}

const ownServices = (): string[] =>
  readdirSync(join(ROOT, 'functions/remediations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const modulesIn = (directory: string): PackagedModule[] =>
  globSync('remediations/*/*/index.{ts,js}', { cwd: directory })
    .sort()
    .map((path) => {
      const folder = join(directory, dirname(path));
      const file = (name: string) => join(folder, name);
      return {
        id: `${basename(dirname(folder))}/${basename(folder)}`,
        folder,
        index: file(basename(path)),
        scenarios: file(basename(path).replace('index', 'scenarios')),
        readme: file('readme.md'),
      };
    });

function moduleProblems({ id, folder, ...files }: PackagedModule, namespace: string): string[] {
  const problems: string[] = [];
  if (!new RegExp(`^${namespace}-[a-z][a-z0-9]*/[a-z][a-z0-9]*(-[a-z0-9]+)+$`).test(id))
    problems.push(
      `remediations/${id} is not remediations/${namespace}-<service>/<verb-thing> in lower-case letters and digits, such as ${namespace}-ec2/close-ports. Rename the folder`,
    );
  if (id.length > MAX_ID_LENGTH)
    problems.push(
      `remediations/${id} has ${id.length} characters after remediations/. At most ${MAX_ID_LENGTH} are allowed, because the function is named after it`,
    );
  for (const file of [files.scenarios, files.readme])
    if (!statsOf(file))
      problems.push(`remediations/${id}/${basename(file)} is missing: each remediation has this file`);
  return problems;
}

/** Returns a problem for each link: its file could change without the package, and it could lead anywhere. */
const linksIn = (directory: string): string[] =>
  entriesIn(directory)
    .filter(({ isLink }) => isLink)
    .map(({ path }) => `${relative(directory, path)} is a symbolic link. Put the file itself into the package`);

/** Returns the paths of a package's own files, at any depth. */
export const filesOf = ({ directory }: RemediationPackage): string[] => entriesIn(directory).map(({ path }) => path);

function entriesIn(folder: string): { readonly path: string; readonly isLink: boolean }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === '.git') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? entriesIn(path) : [{ path, isLink: entry.isSymbolicLink() }];
  });
}

function collisions(packages: readonly RemediationPackage[]): string[] {
  return packages.flatMap(({ given, directory, namespace }, n) => {
    const same = packages.slice(0, n).find((other) => other.directory === directory);
    if (same) return [`${given}: is named twice in context.suture.remediations of cdk.json (as ${same.given})`];
    const other = packages.slice(0, n).find((each) => each.namespace === namespace);
    if (!other) return [];
    return [
      `${given}/package.json: suture.namespace is "${namespace}", which ${other.given} has already. Each package has its own`,
    ];
  });
}
