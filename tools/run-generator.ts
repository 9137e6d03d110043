import { UsageError } from '../cli/errors/usage-error.ts';
import { WrongOption } from '../cli/options/parse-options.ts';

/** Runs a program that writes files, and prints its next steps or its error. With --help, it only prints the usage. */
export async function runGenerator(usage: string, generate: () => Promise<string>): Promise<void> {
  if (['--help', '-h'].some((option) => process.argv.includes(option))) return console.log(usage);
  try {
    console.log(await generate());
  } catch (error) {
    if (error instanceof WrongOption) console.error(`${error.message}\n\n${usage}`);
    else console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError || error instanceof WrongOption ? 2 : 1;
  }
}
