/** Groups the failures of a test run by their cause, so that each cause is told once. */

/** A line of this repository; `line` and `column` count from 1. */
export type SourceLine = { readonly file: string; readonly line: number; readonly column: number };

export type TestFailure = {
  /** Path of the test file. */
  readonly file: string;
  /** Names of the suites around the test, and of the test. */
  readonly path: readonly string[];
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly diff?: string;
    /** Innermost first. */
    readonly stack: readonly SourceLine[];
  };
};

export type FailureCause = {
  readonly first: TestFailure;
  /** The innermost line of this repository. */
  readonly line: SourceLine | undefined;
  readonly failures: readonly TestFailure[];
};

/** The error of a law that a remediation breaks: its remediation, not the law's own line, is the cause. */
const LAW_BROKEN = 'LawBroken';

/**
 * Returns the causes in the order of their first failures. Two failures have one cause if they fail in the same line
 * with the same error.
 */
export function causesOf(failures: readonly TestFailure[], root: string): FailureCause[] {
  const causes = Map.groupBy(failures, (failure) => keyOf(failure, root));
  return [...causes.values()].map((same) => ({ first: same[0]!, line: ownLine(same[0]!, root), failures: same }));
}

function keyOf(failure: TestFailure, root: string): string {
  const { error, path } = failure;
  if (error.name === LAW_BROKEN) return `${LAW_BROKEN} ${path[0]}`;
  const line = ownLine(failure, root);
  return JSON.stringify([error.name, withoutIds(error.message), line]);
}

/** Ids, counts and times differ from one failure to the next of the same cause. */
const withoutIds = (message: string): string => message.replaceAll(/\b[0-9a-f-]{8,}\b|\d+/g, '#');

function ownLine({ error, file, path }: TestFailure, root: string): SourceLine | undefined {
  const own = error.stack.filter((frame) => frame.file.startsWith(root) && !frame.file.includes('/node_modules/'));
  if (error.name === LAW_BROKEN)
    return { file: `${root}functions/remediations/${path[0]}/index.ts`, line: 1, column: 1 };
  // A helper of the tests throws for the test that calls it.
  return own.find((frame) => !frame.file.startsWith(`${root}test/support/`)) ?? own[0] ?? { file, line: 1, column: 1 };
}
