/** What `npm run bench` answers: a table, one JSON object, or what got worse since another run. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { compared } from './comparison.ts';
import { byName, type Figures, SCALE, type Section, shown } from './figures.ts';

export type BenchOptions = {
  readonly json?: boolean;
  readonly compare?: string;
  readonly scale?: boolean;
  /** As many findings as `scale` goes up to. */
  readonly findings?: number;
};
export type BenchAnswer = {
  readonly text: string;
  /** What the other run is told beside; absent where there is none. */
  readonly compared?: string;
  readonly worse: boolean;
};

const Before = z.record(z.string(), z.number());

/** @throws UsageError when nothing could be compared with the file, before anything is measured */
export async function benchCommand(
  { json, compare, scale, findings }: BenchOptions,
  progress: (step: string) => void,
): Promise<BenchAnswer> {
  if (findings !== undefined && !scale) throw new UsageError('--findings says how far --scale goes: give both.');
  const before = compare === undefined ? undefined : await readFigures(compare, scale ?? false);
  const sections = await (scale ? measureScale(progress, findings) : measureAll(progress));
  const text = json ? JSON.stringify(byName(sections), null, 2) : shown(sections);
  if (!before) return { text, worse: false };
  return { text, ...compared(before, sections) };
}

async function measureAll(progress: (step: string) => void): Promise<Section[]> {
  return (await import('./all.ts')).measureAll(progress);
}

async function measureScale(progress: (step: string) => void, findings = 10_000): Promise<Section[]> {
  const { measureScale, sizesUpTo } = await import('./scale.ts');
  return measureScale(progress, sizesUpTo(findings));
}

async function readFigures(file: string, scale: boolean): Promise<Figures> {
  const refuse = (why: string) => new UsageError(`--compare ${file}: ${why}`);
  const text = await readFile(fromCaller(file), 'utf8').catch((error) => {
    throw refuse(error.code === 'ENOENT' ? 'there is no such file.' : `it cannot be read: ${error.message}.`);
  });
  const parsed = Before.safeParse(jsonIn(text));
  if (!parsed.success)
    throw refuse('it does not hold one JSON object, name → figure. Make it with: npm run -s bench -- --json > FILE');
  if (Object.keys(parsed.data).some((name) => name.startsWith(SCALE)) === scale) return parsed.data;
  throw refuse(scale ? 'it was made without --scale.' : 'it was made with --scale; compare with --scale too.');
}

/** Undefined where the text is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
