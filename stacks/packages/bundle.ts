/** Lets esbuild bundle the remediations of packages, as `hooks.ts` lets Node load them. */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { PROVIDED_SOURCES } from './contract-version.ts';
import { declarationTexts } from './declaration-text.ts';
import { isProvided } from './provided-modules.ts';
import type { RemediationPackage } from './remediation-package.ts';
import { listSource, SEAM_FILES, seamOf } from './seams.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DECLARATIONS = 'packaged-declarations';

export const bundlePackages = (packages: readonly RemediationPackage[]): Plugin => ({
  name: 'packages',
  setup(bundler) {
    if (packages.length === 0) return;
    const isInPackage = (path: string) => packages.some(({ directory }) => path.startsWith(join(directory, '/')));
    bundler.onResolve({ filter: /^(zod|@aws-sdk\/client-|@suture\/)/ }, ({ path, importer, kind }) => {
      if (!isInPackage(importer) || !isProvided(path)) return undefined;
      const contract = PROVIDED_SOURCES[path];
      return contract ? { path: fileURLToPath(contract) } : bundler.resolve(path, { resolveDir: ROOT, kind });
    });
    bundler.onLoad({ filter: SEAM_FILES }, ({ path }) => {
      const seam = seamOf(pathToFileURL(path).href);
      if (!seam) return undefined;
      return module(seam === 'declarations' ? declarationsSource(packages) : listSource(seam, packages, String));
    });
    bundler.onResolve({ filter: new RegExp(`^${DECLARATIONS}:`) }, ({ path }) => ({ path, namespace: DECLARATIONS }));
    bundler.onLoad({ filter: /.*/, namespace: DECLARATIONS }, async ({ path }) =>
      module(await declarationsOf(packages[Number(path.slice(DECLARATIONS.length + 1))]!)),
    );
  },
});

const module = (contents: string): OnLoadResult => ({ contents, resolveDir: ROOT, loader: 'js' satisfies Loader });

/** Two packages may give their targets the same name, so each has a module. */
const declarationsSource = (packages: readonly RemediationPackage[]): string =>
  [
    ...packages.map((_, n) => `import { DECLARATIONS as d${n} } from '${DECLARATIONS}:${n}';`),
    `export const PACKAGED_DECLARATIONS = [${packages.map((_, n) => `...d${n}`).join(', ')}];`,
  ].join('\n');

/** Loads the package, so the packages must be hooked. */
async function declarationsOf({ directory, modules }: RemediationPackage): Promise<string> {
  const remediations: Remediation[] = [];
  for (const { index } of modules) remediations.push((await import(pathToFileURL(index).href)).default);
  const folder = join(directory, 'remediations');
  const { imports, texts } = await declarationTexts(remediations, folder);
  return [
    "import * as z from 'zod';",
    "import { accountTarget, arn } from './functions/contract/remediation.ts';",
    ...imports.map(({ names, file }) => `import { ${names.join(', ')} } from ${JSON.stringify(join(folder, file))};`),
    `export const DECLARATIONS = [${texts.join(',\n')}];`,
  ].join('\n');
}
