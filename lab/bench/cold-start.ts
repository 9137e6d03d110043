/** Processor time that a new instance of a function takes to load its bundle. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { type Row, stableFigure, timeFigure } from './figures.ts';
import { percentileOf } from './percentile.ts';

const run = promisify(execFile);

const FACTS = fileURLToPath(new URL('../../functions/remediations/declarations.generated.ts', import.meta.url));
/** Single loads differ by a third. */
const LOADS = 7;

/** Measures triage, with which every finding begins. Its bundle has the facts of each remediation, and no code. */
export const triageRow = (bundle: string): Promise<Row> =>
  row(`triage's cold start, with the facts of ${REMEDIATIONS.length} remediations alone`, 'cold-start.triage', bundle);

/** Returns how much of triage's cold start grows with each remediation, zod included. */
export async function factsRow(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'suture-facts-'));
  try {
    const outfile = join(folder, 'index.mjs');
    await build({
      entryPoints: [FACTS],
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      logLevel: 'warning',
    });
    return await row('of it the facts, with zod', 'cold-start.facts', outfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function row(label: string, name: string, bundle: string): Promise<Row> {
  const loads: number[] = [];
  while (loads.length < LOADS) loads.push(await loadMs(bundle));
  return {
    label,
    figures: [
      stableFigure(`${name}.kb`, (await bytesIn(dirname(bundle))) / 1024, ' KB'),
      timeFigure(`${name}.load`, percentileOf(loads, 50), ' ms'),
    ],
    note: `the median of ${LOADS} loads`,
  };
}

export async function loadMs(bundle: string): Promise<number> {
  const script = `const before = process.cpuUsage();
    await import(${JSON.stringify(pathToFileURL(bundle).href)});
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ loadMs: (user + system) / 1000 }));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'bench', POWERTOOLS_METRICS_NAMESPACE: 'Suture' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!).loadMs;
}

/** Returns the size of a bundle: the entry and the chunks that it imports. */
export async function bytesIn(directory: string): Promise<number> {
  const files = await readdir(directory);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(directory, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
