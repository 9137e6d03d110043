/** Reads the people who asked for an execution, and their reasons, from the audit trail of operators. */
import type { Job } from '../../functions/domain/job.ts';
import { operationKey, redrivesKey, runOfEventReplay, runOfExecution } from '../../functions/domain/operations.ts';
import type { DynamoItem } from '../../functions/ledger/ledger-items.ts';
import { getItem, queryItems } from './ledger-table.ts';
import type { Operator } from './operator.ts';

export type PersonRequest = {
  /** Such as `rollback`. */
  readonly action: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
};

/** Returns the request that started the execution, if a person did, then those that continued it, the oldest first. */
export async function personRequests(
  { dynamo }: Pick<Operator, 'dynamo'>,
  findingId: string,
  { execution, eventReplay }: Pick<Job, 'execution' | 'eventReplay'>,
): Promise<PersonRequest[]> {
  const line = async (run: string | undefined, item: string) =>
    run === undefined ? undefined : getItem(dynamo, { pk: operationKey(run), sk: item });
  const [start, replay, redrives] = await Promise.all([
    line(runOfExecution(execution), findingId),
    eventReplay === undefined ? undefined : line(runOfEventReplay(eventReplay), eventReplay),
    queryItems(dynamo, redrivesKey(execution)),
  ]);
  const started = [start, replay].filter((each) => each !== undefined).map(requestIn);
  return [...started, ...redrives.map(requestIn).toSorted((a, b) => a.at.localeCompare(b.at))];
}

const requestIn = ({ action, by, at, reason }: DynamoItem): PersonRequest => ({
  action: action?.S ?? '',
  by: by?.S ?? '',
  at: at?.S ?? '',
  reason: reason?.S ?? '',
});
