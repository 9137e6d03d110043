/** The states that an execution entered and the failed attempts there. Step Functions keeps them for 90 days. */
import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { isNamed } from '../../functions/contract/errors.ts';
import type { Operator } from './operator.ts';

export type StateVisit = {
  readonly state: string;
  readonly at: string;
  readonly errors: readonly string[];
};

/** Returns undefined if Step Functions has deleted the execution. */
export async function readStateVisits(
  { aws }: Pick<Operator, 'aws'>,
  executionArn: string,
): Promise<StateVisit[] | undefined> {
  const stepFunctions = new SFNClient(aws);
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await stepFunctions.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
  } catch (error) {
    if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
  return stateVisits(events);
}

export function stateVisits(events: readonly HistoryEvent[]): StateVisit[] {
  const visits: { state: string; at: string; errors: string[] }[] = [];
  for (const event of events) {
    const { stateEnteredEventDetails, timestamp } = event;
    if (stateEnteredEventDetails)
      visits.push({ state: stateEnteredEventDetails.name!, at: timestamp!.toISOString(), errors: [] });
    const failure =
      event.taskFailedEventDetails ?? event.taskTimedOutEventDetails ?? event.lambdaFunctionFailedEventDetails;
    if (failure?.error !== undefined) visits.at(-1)?.errors.push(failure.error);
    if (event.type === 'ExecutionRedriven')
      visits.push({ state: 'redriven', at: timestamp!.toISOString(), errors: [] });
  }
  return visits;
}
