import { plainText } from '../../functions/domain/plain-text.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { SHORT_ID_DIGITS } from '../names/short-names.ts';

export type ExecutionResult = {
  readonly execution: string;
  readonly status: string;
  /** The finding's outcome, or the error's name. */
  readonly outcome: string;
  readonly why: string;
};

export const isFailedExecution = ({ status }: ExecutionResult): boolean =>
  status !== 'SUCCEEDED' && status !== 'RUNNING';

/** An execution that waits for a person or a window runs, too. */
export const isRunning = ({ status }: ExecutionResult): boolean => status === 'RUNNING';

/** Returns an outcome such as `ROLLED_BACK` in words, and the name of an error as it is. */
const outcomeText = (outcome: string): string =>
  /^[A-Z_]+$/.test(outcome) ? outcome.toLowerCase().replaceAll('_', ' ') : outcome;

/** Names of executions have up to 80 characters, and often the same beginning. */
const shortSourceIdentity = (execution: string): string =>
  sourceIdentity(execution).slice(0, 'suture-'.length + SHORT_ID_DIGITS);

/** Returns the counts, and the first line of each failure. `show` has the likely causes, in further lines. */
export function executionResultLines(results: readonly ExecutionResult[]): string[] {
  const running = results.filter(isRunning);
  const counts = [
    ...Map.groupBy(
      results.filter((each) => !isRunning(each)),
      ({ outcome }) => outcome,
    ),
  ].map(([outcome, group]) => `${group.length} ${outcomeText(outcome)}`);
  const failed = results.filter(isFailedExecution);
  return [
    ...(counts.length > 0 ? [counts.join(', ')] : []),
    ...(running.length > 0
      ? [
          `${running.length} not ended yet: running, retried after an error, or waiting for a person or a window. How they end: suture list --since 1h`,
        ]
      : []),
    ...failed.map(
      ({ execution, outcome, why }) =>
        `${plainText(`${outcome}: ${why.split('\n')[0]}`)}\n  suture show ${shortSourceIdentity(execution)}`,
    ),
  ];
}
