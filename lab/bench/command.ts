import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { compareFigures } from './comparison.ts';
import { type FigureValues, figuresTable, figureValues, SCALE_PREFIX, type Section } from './figures.ts';

export type BenchOptions = {
  readonly json?: boolean;
  readonly compare?: string;
  readonly scale?: boolean;
  readonly findings?: number;
};
export type BenchResult = {
  readonly text: string;
  readonly comparison?: string;
  readonly isWorse: boolean;
};

const FigureFile = z.record(z.string(), z.number());

/** @throws UsageError before it measures, if it can't compare with the file */
export async function benchCommand(
  { json, compare, scale, findings }: BenchOptions,
  progress: (step: string) => void,
): Promise<BenchResult> {
  if (findings !== undefined && !scale) throw new UsageError('--findings limits --scale: give both.');
  const before = compare === undefined ? undefined : await readFigures(compare, scale ?? false);
  const sections = await (scale ? measureSizes(progress, findings) : measureEverything(progress));
  const text = json ? JSON.stringify(figureValues(sections), null, 2) : figuresTable(sections);
  if (!before) return { text, isWorse: false };
  return { text, ...compareFigures(before, sections) };
}

async function measureEverything(progress: (step: string) => void): Promise<Section[]> {
  return (await import('./all.ts')).measureAll(progress);
}

async function measureSizes(progress: (step: string) => void, findings = 10_000): Promise<Section[]> {
  const { measureScale, sizesUpTo } = await import('./scale.ts');
  return measureScale(progress, sizesUpTo(findings));
}

async function readFigures(file: string, scale: boolean): Promise<FigureValues> {
  const usageError = (why: string) => new UsageError(`--compare ${file}: ${why}`);
  const text = await readFile(fromCaller(file), 'utf8').catch((error) => {
    throw usageError(error.code === 'ENOENT' ? 'there is no such file.' : `it cannot be read: ${error.message}.`);
  });
  const parsed = FigureFile.safeParse(parseJson(text));
  if (!parsed.success)
    throw usageError(
      'it does not hold one JSON object, name → figure. Make it with: npm run -s bench -- --json > FILE',
    );
  const isOfScale = Object.keys(parsed.data).some((name) => name.startsWith(SCALE_PREFIX));
  if (isOfScale === scale) return parsed.data;
  throw usageError(scale ? 'it was made without --scale.' : 'it was made with --scale; compare with --scale too.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
