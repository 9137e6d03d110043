import { UsageError } from '../cli/errors/usage-error.ts';
import { isWrongOption } from './tool-options.ts';

/** Runs a program that writes files, and prints its next steps or its error. With --help, it only prints the usage. */
export async function runGenerator(usage: string, generate: () => Promise<string>): Promise<void> {
  if (['--help', '-h'].some((option) => process.argv.includes(option))) return console.log(usage);
  try {
    console.log(await generate());
  } catch (error) {
    if (isWrongOption(error)) console.error(`${error.message}\n\n${usage}`);
    else console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError || isWrongOption(error) ? 2 : 1;
  }
}
