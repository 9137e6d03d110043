/** The licence texts of the packages that a bundle contains. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * Returns the licence texts of all packages whose code a bundle contains; packages with the same text share it.
 * @param root the folder that the metafile's paths start from
 * @throws Error that names a package without a licence
 */
export async function licencesOf({ inputs }: Metafile, root: string): Promise<string> {
  const folders = Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const licences = await Promise.all([...new Set(folders)].sort().map((folder) => licenceIn(join(root, folder))));
  const byText = Map.groupBy(licences, ({ text }) => text);
  return [...byText]
    .map(([text, packages]) => `${packages.map(({ name }) => name).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Returns the text of a package's licence, or the name if the package has no file of it. */
async function licenceIn(folder: string): Promise<{ readonly name: string; readonly text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e(\.|$)/i.test(each));
  const text = file ? await readFile(join(folder, file), 'utf8') : license;
  if (!text) throw new Error(`${name} ${version} names no licence, so its code cannot be shipped in a bundle.`);
  return { name: `${name} ${version}`, text: text.trim() };
}
