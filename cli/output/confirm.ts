/** The question before a command writes. */
import { createInterface } from 'node:readline/promises';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';

export type Confirmation = {
  /** Agrees without a question. */
  readonly yes?: boolean;
  /** The message if the person does not agree: `Nothing was changed.` */
  readonly refusal: string;
};

/**
 * Asks on standard error and returns when the person agrees.
 * @throws UsageError when standard input is no terminal, so that nobody can answer
 * @throws Failure with `refusal` when the person does not agree
 */
export async function confirm(question: string, { yes = false, refusal }: Confirmation): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new UsageError('Nobody is there to ask, so nothing was written. Give --yes to agree.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(refusal);
  } finally {
    terminal.close();
  }
}
