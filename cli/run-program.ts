/** Runs a command line to its exit code: 0 all is well, 1 something failed, 2 wrong usage. */
import { type Command, CommanderError } from 'commander';
import { readable } from './errors/failure.ts';
import { UsageError } from './errors/usage-error.ts';

/** The program must not exit by itself (`exitOverride`). What went wrong is said on standard error. */
export async function runProgram(program: Command): Promise<void> {
  process.stdout.on('error', quietly);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Who reads only the first lines, as `head` does, has closed the pipe. */
function quietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

/** Commander has said by then what was wrong. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  console.error(readable(error));
  return error instanceof UsageError ? 2 : 1;
}
