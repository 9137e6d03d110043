import { plainText, shellWord } from '../../functions/domain/plain-text.ts';

export type ExecutionResult = {
  readonly execution: string;
  readonly status: string;
  /** The finding's outcome, or the error's name. */
  readonly outcome: string;
  readonly why: string;
};

/** `ROLLED_BACK` is an outcome, `MemberRoleUnavailable` the name of an error. */
const outcomeText = (outcome: string): string =>
  /^[A-Z_]+$/.test(outcome) ? outcome.toLowerCase().replaceAll('_', ' ') : outcome;

/** Messages have the likely causes in further lines; `show` has those too. */
export function executionResultLines(results: readonly ExecutionResult[]): string[] {
  const counts = [...Map.groupBy(results, ({ outcome }) => outcome)].map(
    ([outcome, group]) => `${group.length} ${outcomeText(outcome)}`,
  );
  const failed = results.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'RUNNING');
  return [
    ...(counts.length > 0 ? [counts.join(', ')] : []),
    ...failed.map(
      ({ execution, outcome, why }) =>
        `${plainText(`${outcome}: ${why.split('\n')[0]}`)}\n  npm run -s suture -- show ${shellWord(plainText(nameOf(execution)))}`,
    ),
  ];
}

/** Of an execution's ARN. */
const nameOf = (execution: string): string => execution.split(':').at(-1)!;
