/** Recognizes output on disk whose inputs are the same as now. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RECORD = '.inputs';

/** The folder of the app's bundles. They depend on the code alone, so that installations share them. */
export const BUNDLES = join(ROOT, '.build', 'bundles');

export const recordedInputs = (folder: string): Promise<string> =>
  readFile(join(folder, RECORD), 'utf8').catch(() => '');
/** Call it after all output is written, so that nobody reuses half of it. */
export const recordInputs = (folder: string, inputs: string): Promise<void> => writeFile(join(folder, RECORD), inputs);
export const forgetInputs = (folder: string): Promise<void> => rm(join(folder, RECORD), { force: true });

/** Writes the output with `write`, unless the folder has it from the same inputs. */
export async function reuseOutput(folder: string, inputs: string, write: () => Promise<void>): Promise<void> {
  if ((await recordedInputs(folder)) === inputs) return;
  await forgetInputs(folder);
  await write();
  await mkdir(folder, { recursive: true });
  await recordInputs(folder, inputs);
}

/** Hashes the names, relative to this repository, and the contents. */
export async function hashOfFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files.toSorted())
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

/** Returns the file itself, or the files in the folder at any depth. `path` is one of this repository. */
export async function filesAt(path: string): Promise<string[]> {
  const absolute = join(ROOT, path);
  const entries = await readdir(absolute, { withFileTypes: true, recursive: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!entries) return [absolute];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
