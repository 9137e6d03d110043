import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { ask } from './ask.ts';
import { wrapWords } from './paragraphs.ts';

export type Confirmation = {
  readonly yes?: boolean;
  /** The error if the person does not agree: `Nothing was changed.` */
  readonly refusal: string;
};

/**
 * Asks on standard error.
 * @throws UsageError if standard input is not a terminal, so that nobody can answer
 * @throws Failure with `refusal` if the person does not agree, Interrupted on Ctrl-C or at the end of input
 */
export async function confirm(question: string, { yes = false, refusal }: Confirmation): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new UsageError(
      'Standard input is not a terminal, so nobody can be asked, and nothing was written. Give --yes to agree.',
    );
  const answer = await ask(`${wrapWords(`${question} [y/N]`)} `, refusal);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(refusal);
}
