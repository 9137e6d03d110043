/**
 * Lets Node load the remediations of packages: the registry, which names none, gets those of cdk.json, and packages get
 * the contract and the SDK from this repository.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PROVIDED_SOURCES } from './contract-version.ts';
import { isProvided } from './provided-modules.ts';
import type { RemediationPackage } from './remediation-package.ts';
import { seamOf, sourceForNode } from './seams.ts';

/**
 * Lets this process load these packages, and adds their remediations to the registry. A function `packages` runs only
 * when something imports the registry: a broken package must not stop `suture stop`.
 */
export function hookPackages(packages: readonly RemediationPackage[] | (() => readonly RemediationPackage[])): void {
  let found = typeof packages === 'function' ? undefined : packages;
  const foundNow = (): readonly RemediationPackage[] => {
    found ??= typeof packages === 'function' ? packages() : packages;
    return found;
  };
  const isInPackage = (url = '') => found?.some(({ directory }) => url.startsWith(`${pathToFileURL(directory)}/`));
  registerHooks({
    resolve(specifier, context, next) {
      if (!isInPackage(context.parentURL) || !isProvided(specifier)) return next(specifier, context);
      const contract = PROVIDED_SOURCES[specifier];
      return contract
        ? { url: contract.href, shortCircuit: true }
        : next(specifier, { ...context, parentURL: import.meta.url });
    },
    load(url, context, next) {
      const seam = seamOf(url);
      if (seam) return { format: 'module', source: sourceForNode(seam, foundNow()), shortCircuit: true };
      if (!isInPackage(url) || !url.includes('/node_modules/') || !url.endsWith('.ts')) return next(url, context);
      // Node does not strip types below node_modules.
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
