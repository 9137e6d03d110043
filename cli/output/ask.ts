import { createInterface, type Interface } from 'node:readline/promises';
import { Interrupted } from '../errors/interrupted.ts';

/**
 * Asks on standard error.
 * @param unchanged follows "Interrupted." in the error
 * @throws Interrupted on Ctrl-C or at the end of input
 */
export async function ask(question: string, unchanged = ''): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await Promise.race([terminal.question(question), interruption(terminal, unchanged)]);
  } finally {
    terminal.close();
  }
}

/** Without a listener, Node would end the process with a warning about a promise that nobody settled. */
function interruption(terminal: Interface, unchanged: string): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = () => reject(new Interrupted(`Interrupted. ${unchanged}`.trim()));
    terminal.once('SIGINT', interrupt);
    terminal.once('close', interrupt);
  });
}
