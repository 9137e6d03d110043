/** Modules of `functions/remediations` that are empty in this repository, and list what packages bring. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RemediationPackage } from './remediation-package.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = new URL('../../functions/remediations/', import.meta.url);
const SEAMS = {
  [new URL('packaged-remediations.ts', FOLDER).href]: 'remediations',
  [new URL('packaged-scenarios.ts', FOLDER).href]: 'scenarios',
  [new URL('packaged-declarations.ts', FOLDER).href]: 'declarations',
  [new URL('packaged-readmes.ts', FOLDER).href]: 'readmes',
} as const;
export type Seam = (typeof SEAMS)[string];

/** Matches the paths of these modules. */
export const SEAM_FILES = /[\\/]functions[\\/]remediations[\\/]packaged-\w+\.ts$/;

export const seamOf = (url: string): Seam | undefined => SEAMS[url];

export function sourceForNode(seam: Seam, packages: readonly RemediationPackage[]): string {
  // A remediation is a declaration too, so Node uses the remediations themselves. Only bundles leave their code out.
  if (seam === 'declarations')
    return "export { PACKAGED_REMEDIATIONS as PACKAGED_DECLARATIONS } from './packaged-remediations.ts';";
  return listSource(seam, packages, (path) => pathToFileURL(path).href);
}

/**
 * Returns the text of one of the lists, without types.
 * @param specifier returns the specifier with which an import names a path
 */
export function listSource(
  seam: Exclude<Seam, 'declarations'>,
  packages: readonly RemediationPackage[],
  specifier: (path: string) => string,
): string {
  const modules = packages.flatMap((each) => each.modules);
  if (seam === 'readmes') {
    const readmes = modules.map(({ id, readme }) => [id, { path: relative(ROOT, readme), text: textOf(readme) }]);
    return `export const PACKAGED_READMES = ${JSON.stringify(Object.fromEntries(readmes))};`;
  }
  const file = seam === 'remediations' ? 'index' : 'scenarios';
  const imports = modules.map((module, n) => `import m${n} from ${JSON.stringify(specifier(module[file]))};\n`);
  const names = modules.map((_, n) => `m${n}`).join(', ');
  return `${imports.join('')}export const PACKAGED_${seam.toUpperCase()} = [${names}];`;
}

const textOf = (path: string) => readFileSync(path, 'utf8');
