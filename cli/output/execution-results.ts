import { plainText, shellWord } from '../../functions/domain/plain-text.ts';

export type ExecutionResult = {
  readonly execution: string;
  readonly status: string;
  /** The finding's outcome, or the error's name. */
  readonly outcome: string;
  readonly why: string;
};

export const isFailedExecution = ({ status }: ExecutionResult): boolean =>
  status !== 'SUCCEEDED' && status !== 'RUNNING';

/** Returns an outcome such as `ROLLED_BACK` in words, and the name of an error as it is. */
const outcomeText = (outcome: string): string =>
  /^[A-Z_]+$/.test(outcome) ? outcome.toLowerCase().replaceAll('_', ' ') : outcome;

/** Returns the counts, and the first line of each failure. `show` has the likely causes, in further lines. */
export function executionResultLines(results: readonly ExecutionResult[]): string[] {
  const counts = [...Map.groupBy(results, ({ outcome }) => outcome)].map(
    ([outcome, group]) => `${group.length} ${outcomeText(outcome)}`,
  );
  const failed = results.filter(isFailedExecution);
  return [
    ...(counts.length > 0 ? [counts.join(', ')] : []),
    ...failed.map(
      ({ execution, outcome, why }) =>
        `${plainText(`${outcome}: ${why.split('\n')[0]}`)}\n  npm run -s suture -- show ${shellWord(plainText(execution.split(':').at(-1)!))}`,
    ),
  ];
}
