import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

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
    return parseArgs({ options }).values;
  } catch (error) {
    if (!isWrongOption(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

export const isWrongOption = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
