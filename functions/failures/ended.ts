/** How an execution ended, from its history read backwards. Pure. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { JobFinding } from '../domain/job.ts';
import { Job } from '../domain/job.ts';
import type { Failure } from '../domain/ledger.ts';

export type End =
  | { readonly kind: 'succeeded'; readonly made: Job }
  /** `made`: the case as the failing state got it; without one where triage failed, which gets the event. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly made?: Job; readonly input: unknown };

const FAILED: Readonly<Record<string, string>> = {
  ExecutionFailed: 'States.Failed',
  ExecutionTimedOut: 'States.Timeout',
  ExecutionAborted: 'ExecutionAborted',
};

/** Whether so much of the history, the newest event first, tells enough. */
export const tellsEnough = (newestFirst: readonly HistoryEvent[]): boolean =>
  !isOver(newestFirst[0]) || newestFirst[0]?.type === 'ExecutionSucceeded' || newestFirst.some(isEntry);

/** Undefined for an execution that runs, perhaps again. */
export function endOf(newestFirst: readonly HistoryEvent[]): End | undefined {
  const [last] = newestFirst;
  if (!last || !isOver(last)) return undefined;
  if (last.type === 'ExecutionSucceeded') {
    const made = Job.safeParse(parsed(last.executionSucceededEventDetails?.output)).data;
    return made && { kind: 'succeeded', made };
  }
  const { error, cause } =
    last.executionFailedEventDetails ?? last.executionTimedOutEventDetails ?? last.executionAbortedEventDetails ?? {};
  const entered = newestFirst.findIndex(isEntry);
  const entry = newestFirst[entered]?.stateEnteredEventDetails;
  const input = parsed(entry?.input);
  const attempts = newestFirst.slice(0, entered).filter(({ type }) => type === 'TaskScheduled').length;
  return {
    kind: 'failed',
    failure: {
      error: error ?? FAILED[last.type!]!,
      message:
        messageIn(cause) ?? (last.type === 'ExecutionAborted' ? 'somebody stopped the execution' : 'no cause given'),
      state: entry?.name,
      attempts: attempts || undefined,
      at: last.timestamp!.toISOString(),
    },
    made: Job.safeParse(input).data,
    input,
  };
}

/** The case of a finding that triage failed on: nothing was decided. */
export const undecided = (execution: string, started: string, finding: JobFinding, { error }: Failure): Job => ({
  v: 1,
  execution,
  started,
  route: 'ignore',
  reason: `triage failed with ${error}`,
  finding,
});

const isOver = (event: HistoryEvent | undefined): boolean =>
  event?.type === 'ExecutionSucceeded' || (event?.type !== undefined && Object.hasOwn(FAILED, event.type));

const isEntry = ({ type }: HistoryEvent): boolean => type?.endsWith('StateEntered') ?? false;

/** A function's error arrives as JSON with errorMessage. */
function messageIn(cause: string | undefined): string | undefined {
  const document = parsed(cause);
  const message =
    typeof document === 'object' && document !== null && (document as { errorMessage?: unknown }).errorMessage;
  return typeof message === 'string' ? message : cause || undefined;
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
