/**
 * Pages that are made from the registry and the stacks. As a script: `node tools/generate.ts` writes them, with `--check` it fails when one
 * differs from what it would write.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../cli/catalogue/load.ts';
import { remediations } from '../functions/remediations/registry.generated.ts';
import { sampleContext } from '../lab/organization/organization.ts';
import { eventSchemas } from './event-schemas.ts';
import { cataloguePage } from './pages/catalogue-page.ts';
import { permissionsPage } from './pages/permissions-page.ts';
import { securityPage } from './pages/security-page.ts';

const ROOT = new URL('../', import.meta.url);

/** The generated pages, by their paths in the repository. */
export const generated = async (): Promise<ReadonlyMap<string, string>> =>
  new Map([
    ['docs/catalogue.md', cataloguePage(await loadCatalogue())],
    ['docs/permissions.md', permissionsPage(remediations)],
    ...eventSchemas(),
    [
      'docs/security.md',
      securityPage(await readFile(new URL('docs/security.md', ROOT), 'utf8'), await sampleContext(), remediations),
    ],
  ]);

/** Those that are missing on disk, or differ. */
export async function outdated(): Promise<string[]> {
  const old: string[] = [];
  for (const [path, text] of await generated())
    if ((await readFile(new URL(path, ROOT), 'utf8').catch(() => undefined)) !== text) old.push(path);
  return old;
}

async function write(): Promise<void> {
  for (const [path, text] of await generated()) {
    const file = fileURLToPath(new URL(path, ROOT));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(path);
  }
}

async function check(): Promise<void> {
  const old = await outdated();
  if (old.length === 0) return;
  console.error(`${old.join(', ')}: not what the code says (any more). Run: npm run generate`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv.includes('--check') ? check() : write());
