/** The baseline is the synthesized stacks of the last release. The tests of upgrades deploy it first. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { unpackAssembly } from './archive.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'test/fixtures/baseline');

export const BASELINE_FILES = {
  folder: FOLDER,
  archive: join(FOLDER, 'assembly.br'),
  facts: join(FOLDER, 'baseline.json'),
} as const;

export const Baseline = z.strictObject({
  version: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  controls: z.int().positive(),
});
export type Baseline = z.infer<typeof Baseline>;

export const readBaseline = async (): Promise<Baseline> =>
  Baseline.parse(JSON.parse(await readFile(BASELINE_FILES.facts, 'utf8')));

/** Unpacks the stacks of the baseline, unless an earlier call has, and returns their folder. */
export async function baselineAssembly(): Promise<string> {
  const { commit } = await readBaseline();
  const build = join(ROOT, '.build');
  const directory = join(build, `baseline-${commit.slice(0, 12)}`);
  if (existsSync(directory)) return directory;
  await mkdir(build, { recursive: true });
  const unpacked = await mkdtemp(join(build, 'baseline-'));
  await unpackAssembly(await readFile(BASELINE_FILES.archive), unpacked);
  // Another process may have unpacked it meanwhile.
  await rename(unpacked, directory).catch(() => rm(unpacked, { recursive: true }));
  return directory;
}
