import { type Command, CommanderError } from 'commander';
import { type ErrorReport, explainError } from './errors/explain-error.ts';
import { exitOnOutputError } from './output/output-errors.ts';
import { wrapWords } from './output/paragraphs.ts';
import { writable } from './output/writable.ts';

/**
 * Runs the program. Prints its errors on standard error; with `--json` or `-o json`, as one line of JSON:
 * `{"error":{name, message, exitCode}}`. The program must not exit by itself (`exitOverride`).
 * @param argv in the form of `process.argv`
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<void> {
  exitOnOutputError();
  const json = JSON_OPTION.test(argv.join(' '));
  if (json) silence(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || !json)) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const report = await reportOf(error);
    const text = report.stack ?? wrapWords(report.message);
    console.error(writable(json ? JSON.stringify({ error: report }) : text));
    process.exitCode = report.exitCode;
  }
}

const JSON_OPTION = / (--json|(-o|--output)[ =]?jsonl?)( |$)/;

/** Stops Commander from printing its own errors, which JSON replaces. */
function silence(command: Command): void {
  command.configureOutput({ outputError: () => {}, writeErr: () => {} });
  for (const each of command.commands) silence(each);
}

async function reportOf(error: unknown): Promise<ErrorReport> {
  if (!(error instanceof CommanderError)) {
    const { withProfileError } = await import('./clients/profile-error.ts');
    return explainError(await withProfileError(error));
  }
  return { name: 'UsageError', message: error.message.replace(/^error: /, ''), exitCode: 2 };
}
