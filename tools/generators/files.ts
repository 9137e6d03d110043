import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path in the repository, and the text of the file. */
export type GeneratedFile = readonly [path: string, text: string];

const ROOT = new URL('../../', import.meta.url);

/** Returns the paths of files that are missing or have another text. */
export async function outdatedFiles(files: readonly GeneratedFile[]): Promise<string[]> {
  const outdated: string[] = [];
  for (const [path, text] of files) if ((await readText(path).catch(() => undefined)) !== text) outdated.push(path);
  return outdated;
}

/** Writes the files that are missing or have another text, and returns their paths. */
export async function writeFiles(files: readonly GeneratedFile[]): Promise<string[]> {
  const outdated = await outdatedFiles(files);
  for (const [path, text] of files) {
    if (!outdated.includes(path)) continue;
    const file = fileURLToPath(new URL(path, ROOT));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return outdated;
}

export const readText = (path: string): Promise<string> => readFile(new URL(path, ROOT), 'utf8');
