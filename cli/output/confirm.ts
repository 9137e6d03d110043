/** The question before anything is written. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../errors/usage-error.ts';

/**
 * Whether a person agrees; `yes` has agreed already.
 * @throws UsageError where nobody can answer
 */
export async function confirmed(question: string, { yes = false }: { readonly yes?: boolean }): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new UsageError('Nobody is there to ask, so nothing was written. Give --yes to agree.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
