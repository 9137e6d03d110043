/** How executions that a command began ended, for its last words. */
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { Job } from '../../functions/domain/job.ts';
import { endingOf, reasonOf } from '../../functions/domain/ledger.ts';

export type Ended = {
  readonly execution: string;
  readonly status: string;
  /** What became of the finding, or the error. */
  readonly outcome: string;
  readonly why: string;
};

export const endsOf = (executions: readonly DescribeExecutionOutput[]): Ended[] =>
  executions.map(({ executionArn, status, error, cause, output }) => {
    const made = Job.safeParse(parsed(output)).data;
    return {
      execution: executionArn!,
      status: status!,
      outcome: status === 'RUNNING' ? 'WAITING' : (error ?? (made ? endingOf(made) : status!)),
      why: made ? reasonOf(made) : (messageIn(cause) ?? 'it goes on, or waits for a person or a window'),
    };
  });

/** A count by outcome, then each that did not succeed. */
export function shownEnds(ended: readonly Ended[]): string[] {
  const counts = [...Map.groupBy(ended, ({ outcome }) => outcome)].map(
    ([outcome, those]) => `${those.length} ${outcome}`,
  );
  const failed = ended.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'RUNNING');
  return [
    ...(counts.length > 0 ? [counts.join(', ')] : []),
    ...failed.map(({ execution, outcome, why }) => `${outcome}: ${why.split('\n')[0]}\n  ${execution}`),
  ];
}

/** A function's error arrives as JSON with errorMessage. */
function messageIn(cause: string | undefined): string | undefined {
  const document = parsed(cause) as { errorMessage?: unknown } | null | undefined;
  return typeof document?.errorMessage === 'string' ? document.errorMessage : cause;
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
