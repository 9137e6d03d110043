/** Bundles of all functions: a folder each, including the SDK, so that tests run the deployed code. */
import { linkSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin, stop } from 'esbuild';
import type { Remediation } from '../functions/contract/remediation.ts';
import { type OwnFunction, remediationFunctionId } from '../functions/domain/names.ts';
import { BUNDLES, filesAt, hashOfFiles, reuseOutput } from './inputs.ts';
import { bundlePackages } from './packages/bundle.ts';
import { filesOf, type RemediationPackage } from './packages/remediation-package.ts';
import { credentials, httpWithoutFetch, namedOperations, shakenSchemas } from './sdk-plugins.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FUNCTIONS = join(ROOT, 'functions');
const IP_RANGES = { in: join(ROOT, 'ip-ranges/function/handler.ts'), out: 'ip-ranges' };

const HANDLERS = [
  'triage',
  'policy-validator',
  'proxy',
  'report',
  'finding-updates',
  'api',
  'approvals',
  'directory',
  'failures',
  'orphaned-executions',
  'recurring-findings',
  'audit-trail',
  'notify',
  'owner-messages',
  'unexplained-sessions',
  'doctor',
  'account-doctor',
] as const satisfies readonly OwnFunction[];

export type BundleOptions = {
  readonly outdir?: string;
  /** The packages that some of the remediations belong to. */
  readonly packages?: readonly RemediationPackage[];
};

/**
 * Reuses the bundles in the folder if their inputs are the same.
 * @throws Error with esbuild's messages
 */
export async function buildBundles(
  remediations: readonly Pick<Remediation, 'id'>[],
  { outdir = BUNDLES, packages = [] }: BundleOptions = {},
): Promise<void> {
  const handlers = HANDLERS.map((name) => ({ in: join(FUNCTIONS, name, 'handler.ts'), out: name as string }));
  const ofRemediations = remediations.map(({ id }) => ({ in: `remediation:${id}`, out: remediationFunctionId(id) }));
  const entryPoints = [...handlers, IP_RANGES, ...ofRemediations].toSorted((a, b) => (a.out < b.out ? -1 : 1));
  const inputs = [await hashOfFiles(await inputFiles(packages)), ...entryPoints.map(({ out }) => out)].join('\n');
  await reuseOutput(outdir, inputs, async () => {
    // A folder with a chunk of an earlier build would be another asset.
    await rm(outdir, { recursive: true, force: true });
    // Garbage collection at a quarter of the rate saves esbuild a fifth of its processor time.
    process.env.GOGC ??= '400';
    await buildTogether(entryPoints, outdir, packages);
    // esbuild's process would keep its memory until this one ends.
    await stop();
  });
}

const SHARED = '.shared';

/**
 * Compiles shared code only once, in chunks: separate bundles would take five times the processor time.
 * Then links the chunks of each function into its folder.
 */
async function buildTogether(
  entryPoints: readonly { readonly in: string; readonly out: string }[],
  outdir: string,
  packages: readonly RemediationPackage[],
): Promise<void> {
  const folder = join(outdir, SHARED);
  const { metafile } = await build({ ...options(folder, packages), entryPoints: [...entryPoints] });
  for (const { out } of entryPoints) {
    const entry = join(folder, `${out}.mjs`);
    mkdirSync(join(outdir, out), { recursive: true });
    for (const chunk of chunksOf(metafile, relative(ROOT, entry))
      .keys()
      .map((path) => resolve(ROOT, path)))
      linkSync(chunk, join(outdir, out, chunk === entry ? 'index.mjs' : basename(chunk)));
  }
}

/** Returns the file itself and all that it imports. */
function chunksOf({ outputs }: Metafile, file: string): Set<string> {
  const chunks = new Set([file]);
  // A set's iteration includes what is added meanwhile.
  for (const chunk of chunks) for (const { path, external } of outputs[chunk]!.imports) if (!external) chunks.add(path);
  return chunks;
}

const INPUTS = [
  'functions',
  'ip-ranges',
  'package-lock.json',
  'stacks/bundles.ts',
  'stacks/packages',
  'stacks/sdk-plugins.ts',
];

const inputFiles = async (packages: readonly RemediationPackage[]): Promise<string[]> => [
  ...(await Promise.all(INPUTS.map(filesAt))).flat(),
  ...packages.flatMap(filesOf),
];

const options = (outdir: string, packages: readonly RemediationPackage[]) =>
  ({
    absWorkingDir: ROOT,
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: '[hash]',
    metafile: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    // ES modules tree-shake: half the bundle size and start-up time.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [
      remediationEntries(packages),
      bundlePackages(packages),
      namedOperations([FUNCTIONS, join(ROOT, 'ip-ranges'), ...packages.map(({ directory }) => directory)]),
      credentials,
      shakenSchemas,
      httpWithoutFetch,
    ],
  }) satisfies BuildOptions;

const remediationEntries = (packages: readonly RemediationPackage[]): Plugin => ({
  name: 'remediation-entries',
  setup(bundler) {
    const packaged = new Map(packages.flatMap(({ modules }) => modules.map(({ id, index }) => [id, index])));
    bundler.onResolve({ filter: /^remediation:/ }, ({ path }) => ({
      path: path.slice('remediation:'.length),
      namespace: 'remediation',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'remediation' }, ({ path: id }) => ({
      contents: [
        `import remediation from ${JSON.stringify(packaged.get(id) ?? `./remediations/${id}/index.ts`)};`,
        "import { remediationHandler } from './remediate/handler.ts';",
        'export const handler = remediationHandler(remediation);',
      ].join('\n'),
      resolveDir: FUNCTIONS,
      loader: 'ts',
    }));
  },
});
