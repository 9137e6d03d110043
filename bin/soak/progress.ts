/** How far a soak has come, in a file: one that was interrupted goes on after the last part that was done. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { Failure } from '../commands/failure.ts';
import type { ChunkReport } from './chunk.ts';
import { ENDS } from './mix.ts';

const Report = z.object({
  seed: z.int(),
  received: z.int(),
  ends: z.record(z.enum(ENDS), z.int()),
  problems: z.array(z.string()),
  faults: z.record(z.string(), z.int()),
  replayed: z.int(),
});
const Kept = z.object({ seed: z.int(), findings: z.int(), chunk: z.int(), done: z.array(Report) });
/** What a soak is asked for: it goes on only with the same. */
export type Asked = Pick<z.infer<typeof Kept>, 'seed' | 'findings' | 'chunk'>;

/** The parts that are done; none where there is no file. */
export async function doneIn(file: string, asked: Asked): Promise<ChunkReport[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [];
  const kept = Kept.safeParse(json(text)).data;
  if (!kept) throw new Failure(`${file} holds no soak's progress. Name another file with --state, or remove it.`);
  const differs = (['seed', 'findings', 'chunk'] as const).filter((name) => kept[name] !== asked[name]);
  if (differs.length === 0) return kept.done;
  const was = differs.map((name) => `--${name} ${kept[name]}`).join(' ');
  throw new Failure(`${file} is of a soak with ${was}. Give the same, name another file with --state, or remove it.`);
}

/** Whole or not at all: a crash while it writes leaves what was there. */
export async function keep(file: string, asked: Asked, done: readonly ChunkReport[]): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, `${JSON.stringify({ ...asked, done }, null, 1)}\n`);
  await rename(next, file);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
