import type { ParseArgsOptionsConfig } from 'node:util';
import { parseOptions, WrongOption } from '../cli/options/parse-options.ts';

/**
 * Returns the options of this process. Prints the usage and ends the process: with 0 for `--help`, with 2 for an option
 * that the tool does not have.
 */
export function toolOptions<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  if (['--help', '-h'].some((option) => process.argv.includes(option))) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseOptions({ options }).values;
  } catch (error) {
    if (!(error instanceof WrongOption)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}
