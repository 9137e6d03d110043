import { type Command, CommanderError } from 'commander';
import { type ErrorReport, explainError } from './errors/explain-error.ts';
import { exitOnOutputError } from './output/output-errors.ts';
import { writable } from './output/writable.ts';

/**
 * Errors go to standard error; with `--json`, each as one line of JSON: `{"error":{name, message, exitCode}}`. The
 * program must not exit by itself (`exitOverride`).
 * @param argv in the form of `process.argv`
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<void> {
  exitOnOutputError();
  const json = argv.includes('--json');
  if (json) silence(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || !json)) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const report = reportOf(error);
    console.error(writable(json ? JSON.stringify({ error: report }) : (report.stack ?? report.message)));
    process.exitCode = report.exitCode;
  }
}

/** Commander prints its own errors, unless they are to be JSON. */
function silence(command: Command): void {
  command.configureOutput({ outputError: () => {} });
  for (const each of command.commands) silence(each);
}

function reportOf(error: unknown): ErrorReport {
  if (!(error instanceof CommanderError)) return explainError(error);
  return { name: 'UsageError', message: error.message.replace(/^error: /, ''), exitCode: 2 };
}
