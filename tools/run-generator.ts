import { UsageError } from '../cli/errors/usage-error.ts';
import { isWrongOption } from './tool-options.ts';

/** Runs a program that writes files, and reports what it refuses. With --help, it prints its usage alone. */
export async function runGenerator(usage: string, work: () => Promise<string>): Promise<void> {
  if (['--help', '-h'].some((option) => process.argv.includes(option))) return console.log(usage);
  try {
    console.log(await work());
  } catch (error) {
    if (isWrongOption(error)) console.error(`${error.message}\n\n${usage}`);
    else console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError || isWrongOption(error) ? 2 : 1;
  }
}
