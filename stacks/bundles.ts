/** Bundles of all functions: a folder each, including the SDK, so that tests run the deployed code. */
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin, stop } from 'esbuild';
import type { Remediation } from '../functions/contract/remediation.ts';
import { type OwnFunction, remediationFunctionId } from '../functions/domain/names.ts';
import { BUNDLES, filesAt, hashOfFiles, reuseOutput } from './inputs.ts';
import { bundlePackages } from './packages/bundle.ts';
import { filesOf, type RemediationPackage } from './packages/remediation-package.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FUNCTIONS = join(ROOT, 'functions');
const IP_RANGES = { in: join(ROOT, 'ip-ranges/function/handler.ts'), out: 'ip-ranges/index' };

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
  /** Those of which remediations are. */
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
  const handlers = HANDLERS.map((name) => ({
    in: join(FUNCTIONS, name, 'handler.ts'),
    out: `${name}/index`,
  }));
  const ofRemediations = remediations.map(({ id }) => ({ in: `remediation:${id}`, out: remediationFunctionId(id) }));
  const entryPoints = [...handlers, IP_RANGES, ...ofRemediations];
  const inputs = [await hashOfFiles(await inputFiles(packages)), ...entryPoints.map(({ out }) => out)].join('\n');
  await reuseOutput(outdir, inputs, async () => {
    // A folder with a chunk of an earlier build would be another asset.
    await rm(outdir, { recursive: true, force: true });
    // Garbage collection at a quarter of the rate saves esbuild a fifth of its processor time.
    process.env.GOGC ??= '400';
    const plugins = [
      remediationEntries(packages),
      bundlePackages(packages),
      credentials,
      shakenSchemas,
      httpWithoutFetch,
    ];
    await build({ ...options(outdir), entryPoints: [...handlers, IP_RANGES], plugins });
    await buildRemediations({ ...options(join(outdir, SHARED)), entryPoints: ofRemediations, plugins }, outdir);
    // esbuild's process would keep its memory until this one ends.
    await stop();
  });
}

const SHARED = '.remediations';

/**
 * Compiles what remediations share once, in chunks: a bundle of its own for each takes five times the processor time.
 * Then links the chunks of each into its folder.
 */
async function buildRemediations(options: BuildOptions, outdir: string): Promise<void> {
  const { metafile } = await build({ ...options, splitting: true, chunkNames: '[hash]', metafile: true });
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (!entryPoint?.startsWith('remediation:')) continue;
    const folder = join(outdir, basename(file, '.mjs'));
    await mkdir(folder, { recursive: true });
    for (const chunk of chunksOf(metafile, file))
      await link(resolve(ROOT, chunk), join(folder, chunk === file ? 'index.mjs' : basename(chunk)));
  }
}

/** Returns the file itself and all that it imports. */
function chunksOf({ outputs }: Metafile, file: string): Set<string> {
  const chunks = new Set([file]);
  // A set's iteration includes what is added meanwhile.
  for (const chunk of chunks) for (const { path, external } of outputs[chunk]!.imports) if (!external) chunks.add(path);
  return chunks;
}

const INPUTS = ['functions', 'ip-ranges', 'package-lock.json', 'stacks/bundles.ts', 'stacks/packages'];

const inputFiles = async (packages: readonly RemediationPackage[]): Promise<string[]> => [
  ...(await Promise.all(INPUTS.map(filesAt))).flat(),
  ...packages.flatMap(filesOf),
];

const options = (outdir: string): BuildOptions => ({
  absWorkingDir: ROOT,
  outdir,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // ES modules tree-shake: half the bundle size and start-up time.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
});

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

/** Reads credentials from Lambda's environment. The SDK's other providers cost 130 KB per bundle. */
const credentials: Plugin = {
  name: 'credentials-from-the-environment',
  setup(bundler) {
    bundler.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: 'environment',
      namespace: 'credentials',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'credentials' }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: join(ROOT, 'node_modules', '@aws-sdk', 'credential-provider-node'),
    }));
  },
};

/**
 * Lets esbuild drop the schemas of operations that the bundle never calls. esbuild keeps every object with a computed
 * key (`{ [_xN]: … }`) although the keys are constants of the same file: 550 KB for EC2 alone.
 */
const shakenSchemas: Plugin = {
  name: 'shaken-schemas',
  setup(bundler) {
    bundler.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/\w+\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const constants = new Map(
        [...source.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, text]) => [name, text]),
      );
      const contents = source.replace(/\[(_\w+)\]:/g, (key, name: string) =>
        constants.has(name) ? `${constants.get(name)}:` : key,
      );
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Saves a third of a function's start-up. To export `node:http` to ES modules, Node reads each of its members, and
 * reading `WebSocket` loads the implementation of fetch: 50 ms of processor time. No bundle uses either.
 */
const httpWithoutFetch: Plugin = {
  name: 'http-without-fetch',
  setup(bundler) {
    bundler.onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({
      path: path.replace('node:', ''),
      namespace: 'builtin',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};
