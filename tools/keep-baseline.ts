/** `npm run keep-baseline` stores the synthesized stacks of a release. The tests of upgrades start from them. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UsageError } from '../cli/errors/usage-error.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import { packAssembly } from './baseline/archive.ts';
import { BASELINE_FILES, type Baseline } from './baseline/baseline.ts';
import { runGenerator } from './run-generator.ts';

const USAGE = 'npm run keep-baseline [-- <folder of an assembly, default cdk.out>]    (after npm run synth)';
const ROOT = fileURLToPath(new URL('..', import.meta.url));

await runGenerator(USAGE, async () => {
  const { positionals } = parseOptions({ allowPositionals: true });
  const directory = positionals[0] ?? join(ROOT, 'cdk.out');
  const baseline: Baseline = {
    version: JSON.parse(await readFile(join(directory, '../package.json'), 'utf8')).version,
    commit: await commitOf(directory),
    controls: await controlsOf(directory),
  };
  const archive = await packAssembly(directory);
  await mkdir(BASELINE_FILES.folder, { recursive: true });
  await writeFile(BASELINE_FILES.archive, archive);
  await writeFile(BASELINE_FILES.facts, `${JSON.stringify(baseline, null, 2)}\n`);
  return `${BASELINE_FILES.archive}: ${archive.length} bytes, ${baseline.controls} controls of ${baseline.commit}`;
});

/** Returns the commit of the assembly. @throws UsageError for uncommitted changes, which the assembly may contain */
async function commitOf(directory: string): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['--no-optional-locks', '-C', directory, ...args])).stdout.trim();
  const changed = await git('status', '--porcelain', '--untracked-files=no');
  if (changed !== '') throw new UsageError(`The checkout of ${directory} has changes. Commit them first:\n${changed}`);
  return git('rev-parse', 'HEAD');
}

/** Counts the controls that the rules of the security account name. */
async function controlsOf(directory: string): Promise<number> {
  const template = await readFile(join(directory, 'SutureSecurity.template.json'), 'utf8');
  const lists = template.matchAll(/"SecurityControlId"\s*:\s*\[([^\]]*)\]/g);
  return new Set([...lists].flatMap(([, list]) => list!.match(/"[A-Za-z0-9]+\.\d+"/g) ?? [])).size;
}
