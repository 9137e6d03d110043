import { inspect } from 'node:util';
import { type Command, CommanderError } from 'commander';
import { errorText } from './errors/failure.ts';
import { UsageError } from './errors/usage-error.ts';
import { exitOnClosedPipe } from './output/closed-pipe.ts';
import { writable } from './output/writable.ts';

/**
 * Errors go to standard error. The program must not exit by itself (`exitOverride`).
 * @param argv in the form of `process.argv`
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<void> {
  exitOnClosedPipe();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** An error that is not expected shows with its stack. */
const inspected = (error: unknown): string => (typeof error === 'string' ? error : inspect(error));

/** Commander has already printed its own errors. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  console.error(writable(inspected(errorText(error))));
  return error instanceof UsageError ? 2 : 1;
}
