import { createInterface, type Interface } from 'node:readline/promises';
import { Interrupted } from '../errors/interrupted.ts';

/**
 * Asks on standard error.
 * @param refusal follows "Interrupted." in the error
 * @throws Interrupted on Ctrl-C or at the end of input
 */
export async function ask(question: string, refusal = ''): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await Promise.race([terminal.question(question), interruption(terminal, refusal)]);
  } finally {
    terminal.close();
  }
}

/** Rejects on Ctrl-C and at the end of input, at which Node would otherwise warn about an unsettled promise. */
function interruption(terminal: Interface, refusal: string): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = () => reject(new Interrupted(`Interrupted. ${refusal}`.trim()));
    terminal.once('SIGINT', interrupt);
    terminal.once('close', interrupt);
  });
}
