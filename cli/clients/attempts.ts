/** What Step Functions remembers of an execution for 90 days: each state it entered, and every attempt that failed there. */
import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { isNamed } from '../../functions/contract/errors.ts';
import type { Operator } from './operator.ts';

export type Visit = {
  readonly state: string;
  /** ISO 8601. */
  readonly at: string;
  /** Names of the errors of attempts that failed, in order. */
  readonly errors: readonly string[];
};

/** Undefined where Step Functions does not know the execution any more. */
export async function visitsOf({ aws }: Pick<Operator, 'aws'>, executionArn: string): Promise<Visit[] | undefined> {
  const states = new SFNClient(aws);
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
  } catch (error) {
    if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
  return visitsIn(events);
}

export function visitsIn(events: readonly HistoryEvent[]): Visit[] {
  const visits: { state: string; at: string; errors: string[] }[] = [];
  for (const event of events) {
    const { stateEnteredEventDetails, timestamp } = event;
    if (stateEnteredEventDetails)
      visits.push({ state: stateEnteredEventDetails.name!, at: timestamp!.toISOString(), errors: [] });
    const failed =
      event.taskFailedEventDetails ?? event.taskTimedOutEventDetails ?? event.lambdaFunctionFailedEventDetails;
    if (failed?.error !== undefined) visits.at(-1)?.errors.push(failed.error);
    if (event.type === 'ExecutionRedriven')
      visits.push({ state: 'redriven', at: timestamp!.toISOString(), errors: [] });
  }
  return visits;
}
