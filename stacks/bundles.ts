/** Bundles of all functions: one file each, including the SDK, so that tests run the deployed code. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin, stop } from 'esbuild';
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
 * Entry points of one build. esbuild links all of a build at once: with a hundred it takes twice the memory, and a
 * quarter more processor time for collecting garbage.
 */
const BATCH = 12;

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
  // In the order of services, which share clients.
  const ofRemediations = remediations
    .map(({ id }) => ({ in: `remediation:${id}`, out: `${remediationFunctionId(id)}/index` }))
    .toSorted((a, b) => (a.in < b.in ? -1 : 1));
  const entryPoints = [...handlers, IP_RANGES, ...ofRemediations];
  const inputs = [await hashOfFiles(await inputFiles(packages)), ...entryPoints.map(({ out }) => out)].join('\n');
  await reuseOutput(outdir, inputs, async () => {
    // Garbage collection at a quarter of the rate saves esbuild a fifth of its processor time.
    process.env.GOGC ??= '400';
    for (let first = 0; first < entryPoints.length; first += BATCH)
      await build({
        ...options(outdir),
        entryPoints: entryPoints.slice(first, first + BATCH),
        plugins: [remediationEntries(packages), bundlePackages(packages), credentials, shakenSchemas, httpWithoutFetch],
      });
    // esbuild's process would keep its memory until this one ends.
    await stop();
  });
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
