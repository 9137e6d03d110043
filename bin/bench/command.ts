/** What `npm run bench` answers: a table, one JSON object, or what got worse since another run. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UsageError } from '../commands/usage-error.ts';
import { fromCaller } from '../from-caller.ts';
import { byName, inWords, type Section, shown, worseThan } from './figures.ts';

export type BenchOptions = {
  readonly json?: boolean;
  readonly compare?: string;
  readonly scale?: boolean;
  /** As many findings as `scale` goes up to. */
  readonly findings?: number;
};
export type BenchAnswer = { readonly text: string; readonly worse: boolean };

const Before = z.record(z.string(), z.number());

/** @throws UsageError when the file to compare with cannot be read, before anything is measured */
export async function benchCommand(
  { json, compare, scale, findings }: BenchOptions,
  progress: (step: string) => void,
): Promise<BenchAnswer> {
  const before = compare === undefined ? undefined : await readFigures(compare);
  if (findings !== undefined && !scale) throw new UsageError('--findings says how far --scale goes: give both.');
  const sections = await (scale ? measureScale(progress, findings) : measureAll(progress));
  const worse = before ? worseThan(before, sections) : [];
  if (json) return { text: JSON.stringify(byName(sections), null, 2), worse: worse.length > 0 };
  const compared = before ? ['', worse.length > 0 ? 'Got worse:' : 'Nothing got worse.', ...worse.map(inWords)] : [];
  return { text: [shown(sections), ...compared].join('\n'), worse: worse.length > 0 };
}

async function measureAll(progress: (step: string) => void): Promise<Section[]> {
  return (await import('./all.ts')).measureAll(progress);
}

async function measureScale(progress: (step: string) => void, findings = 10_000): Promise<Section[]> {
  const { measureScale, sizesUpTo } = await import('./scale.ts');
  return measureScale(progress, sizesUpTo(findings));
}

async function readFigures(file: string): Promise<Record<string, number>> {
  try {
    return Before.parse(JSON.parse(await readFile(fromCaller(file), 'utf8')));
  } catch (error) {
    throw new UsageError(
      `--compare ${file} is not what --json printed: ${error instanceof z.ZodError ? 'it holds something else than figures' : (error as Error).message}.`,
    );
  }
}
