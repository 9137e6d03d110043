/** Runs a command line to its exit code: 0 all is well, 1 something failed, 2 wrong usage. */
import { type Command, CommanderError } from 'commander';
import { errorText } from './errors/failure.ts';
import { UsageError } from './errors/usage-error.ts';

/**
 * Parses `argv` and runs the command. Errors go to standard error. The program must not exit by itself (`exitOverride`).
 * @param argv as `process.argv` holds it
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<void> {
  process.stdout.on('error', exitOnClosedPipe);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** A reader that takes only the first lines, as `head` does, closes the pipe. */
function exitOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

/** Commander has printed its own errors already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  console.error(errorText(error));
  return error instanceof UsageError ? 2 : 1;
}
