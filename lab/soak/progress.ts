/** A soak keeps its progress in a file, so that an interrupted soak continues after its last complete part. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { Failure } from '../../cli/errors/failure.ts';

export type SoakParameters = Readonly<Record<string, string | number | undefined>>;

/**
 * Returns the complete parts.
 * @param part the schema of one part
 * @throws Failure if the file has another content or belongs to a soak with other parameters
 */
export async function readProgress<P>(file: string, parameters: SoakParameters, part: z.ZodType<P>): Promise<P[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [];
  const saved = z.looseObject({ done: z.array(part) }).safeParse(parseJson(text)).data;
  if (!saved)
    throw new Failure(`${file} has no progress of this kind of soak. Name another file with --state, or remove it.`);
  const different = Object.keys(parameters).filter((name) => saved[name] !== parameters[name]);
  if (different.length === 0) return saved.done;
  const earlier = different
    .map((name) => (saved[name] === undefined ? `no --${name}` : `--${name} ${saved[name]}`))
    .join(' ');
  throw new Failure(
    `${file} belongs to a soak with ${earlier}. Give the same options, name another file with --state, or remove it.`,
  );
}

/** Replaces the file atomically: a crash leaves the earlier content. */
export async function saveProgress(file: string, parameters: SoakParameters, done: readonly unknown[]): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, `${JSON.stringify({ ...parameters, done }, null, 1)}\n`);
  await rename(next, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
