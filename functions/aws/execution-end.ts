/** How an execution ended, from its history read backwards. */
import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { Job } from '../domain/job.ts';
import type { ExecutionEnd, ReadExecutionEnd } from '../ports/executions.ts';

const PAGE = 200;

const FAILED: Readonly<Record<string, string>> = {
  ExecutionFailed: 'States.Failed',
  ExecutionTimedOut: 'States.Timeout',
  ExecutionAborted: 'ExecutionAborted',
};

export const executionEndReader =
  (stepFunctions: SFNClient): ReadExecutionEnd =>
  async (executionArn) => {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await stepFunctions.send(
        new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: PAGE, nextToken }),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken && !isConclusive(events));
    return executionEnd(events);
  };

/** Whether this part of the history, the newest event first, suffices for `executionEnd`. */
export const isConclusive = (newestFirst: readonly HistoryEvent[]): boolean =>
  !isEnd(newestFirst[0]) || newestFirst[0]?.type === 'ExecutionSucceeded' || newestFirst.some(isEntry);

/** Returns the end of an execution; undefined while it runs, also after a redrive. */
export function executionEnd(newestFirst: readonly HistoryEvent[]): ExecutionEnd | undefined {
  const [last] = newestFirst;
  if (!last || !isEnd(last)) return undefined;
  if (last.type === 'ExecutionSucceeded') {
    const job = Job.safeParse(parseJson(last.executionSucceededEventDetails?.output)).data;
    return job && { kind: 'succeeded', job };
  }
  const { error, cause } =
    last.executionFailedEventDetails ?? last.executionTimedOutEventDetails ?? last.executionAbortedEventDetails ?? {};
  const entered = newestFirst.findIndex(isEntry);
  const entry = newestFirst[entered]?.stateEnteredEventDetails;
  const input = parseJson(entry?.input);
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
    job: Job.safeParse(input).data,
    input,
  };
}

const isEnd = (event: HistoryEvent | undefined): boolean =>
  event?.type === 'ExecutionSucceeded' || (event?.type !== undefined && Object.hasOwn(FAILED, event.type));

const isEntry = ({ type }: HistoryEvent): boolean => type?.endsWith('StateEntered') ?? false;

/** Returns `errorMessage` if the cause is a function's error in JSON, else the cause itself. */
function messageIn(cause: string | undefined): string | undefined {
  const document = parseJson(cause);
  const message =
    typeof document === 'object' && document !== null && (document as { errorMessage?: unknown }).errorMessage;
  return typeof message === 'string' ? message : cause || undefined;
}

function parseJson(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
