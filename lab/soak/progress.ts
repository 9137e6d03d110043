/** How far a soak has come, in a file: one that was interrupted goes on after the last part that was done. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { Failure } from '../../cli/errors/failure.ts';

/** What a soak is asked for, by the options' names: it goes on only with the same. */
export type Asked = Readonly<Record<string, string | number | undefined>>;

/**
 * The parts that are done; none where there is no file.
 * @param part what is kept of each part
 * @throws Failure for a file of anything else, or of a soak that was asked for something else
 */
export async function doneIn<P>(file: string, asked: Asked, part: z.ZodType<P>): Promise<P[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [];
  const kept = z.looseObject({ done: z.array(part) }).safeParse(json(text)).data;
  if (!kept)
    throw new Failure(`${file} holds no progress of such a soak. Name another file with --state, or remove it.`);
  const differs = Object.keys(asked).filter((name) => kept[name] !== asked[name]);
  if (differs.length === 0) return kept.done;
  const was = differs.map((name) => (kept[name] === undefined ? `no --${name}` : `--${name} ${kept[name]}`)).join(' ');
  throw new Failure(`${file} is of a soak with ${was}. Give the same, name another file with --state, or remove it.`);
}

/** Whole or not at all: a crash while it writes leaves what was there. */
export async function keep(file: string, asked: Asked, done: readonly unknown[]): Promise<void> {
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
