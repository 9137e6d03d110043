/**
 * Bundles the operators' command line, with their pages, into `dist`, which `npm pack` takes: it needs no other package, and
 * none of the repository. Commands that synthesize stacks stay in the repository.
 */
import { cp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { OPERATOR_PAGES } from '../functions/domain/command-names.ts';
import { bundlePackages } from '../stacks/packages/bundle.ts';
import { hookPackages } from '../stacks/packages/hooks.ts';
import { configuredPackages } from '../stacks/packages/join.ts';
import { findPackages } from '../stacks/packages/remediation-package.ts';
import type { CatalogueEntry } from './catalogue/catalogue.ts';
import { licencesOf } from './licences.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const CLI = new URL('./', import.meta.url);
const DIST = new URL('dist/', CLI);
const MODULES = new URL('cli/modules/', DIST);

/** Puts the catalogue into the bundle, because loading every remediation with its SDK clients takes a second. */
const readyCatalogue = (entries: readonly CatalogueEntry[]): Plugin => ({
  name: 'ready-catalogue',
  setup({ onLoad }) {
    const text = JSON.stringify(entries.map((entry) => ({ ...entry, readme: undefined })));
    onLoad({ filter: /\/cli\/catalogue\/load\.ts$/ }, () => ({
      contents: `export const loadCatalogue = async () => JSON.parse(${JSON.stringify(text)});`,
    }));
  },
});

const packages = findPackages(configuredPackages());
// The bundle holds the catalogue and declarations, which the loaded modules of packages complete.
hookPackages(packages);
const { loadCatalogue } = await import('./catalogue/load.ts');
await rm(DIST, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: ROOT,
  metafile: true,
  entryPoints: [fileURLToPath(new URL('main.ts', CLI))],
  outdir: fileURLToPath(MODULES),
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Packages in CommonJS require Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  plugins: [bundlePackages(packages), readyCatalogue(await loadCatalogue())],
  external: ['*/stacks/member-template.ts', '*/stacks/checked-remediations.ts', '*/rollout/prepare.ts'],
  logLevel: 'warning',
});
for (const page of OPERATOR_PAGES) await cp(new URL(`../docs/${page}.md`, CLI), new URL(`docs/${page}.md`, DIST));
// npm takes a package's licence from its own folder.
await cp(new URL('../LICENSE', CLI), new URL('LICENSE', CLI));
await writeFile(new URL('third-party-licences.txt', DIST), await licencesOf(metafile, ROOT));
