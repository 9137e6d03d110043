/** Finds executions that are over without the ledger knowing: their events got lost, or nobody took them. */
import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { isNamed } from '../contract/errors.ts';
import type { EndedExecution } from '../domain/ended-execution.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerQueries, Listed } from '../ledger/ledger-queries.ts';

export type FindDeps = {
  readonly states: SFNClient;
  readonly stateMachineArn: string;
  readonly queries: LedgerQueries;
  readonly ledger: Ledger;
  readonly send: (ended: EndedExecution) => Promise<unknown>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly now: () => number;
};

export type Found = {
  /** Failed executions of which the ledger has no line. */
  readonly failed: number;
  /** Findings that stood as open or waiting though their execution was over. */
  readonly over: number;
};

/** Milliseconds after which an event is taken for lost. */
export const LATE = 15 * 60_000;
/** Milliseconds between calls: below the 5 and 15 a second that ListExecutions and DescribeExecution take. */
const LIST_PACE = 250;
const DESCRIBE_PACE = 100;
/** Executions are listed by their start. What runs longer than this, waiting for people or windows, has an open record. */
const LONGEST = 3 * 24 * 3_600_000;
const STATUSES = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** Looks at what ended since `since` (milliseconds since 1970), and at every open record. */
export async function findOrphanedExecutions(since: number, tools: FindDeps): Promise<Found> {
  let failed = 0;
  for await (const execution of failures(since, tools)) {
    if (await isKnown(execution, tools)) continue;
    await tools.send(messageOf(execution));
    failed += 1;
  }
  let over = 0;
  for await (const listed of openFor(LATE, tools)) if (await isOver(listed, tools)) over += 1;
  return { failed, over };
}

async function* failures(since: number, { states, stateMachineArn, sleep, now }: FindDeps) {
  for (const statusFilter of STATUSES) {
    let nextToken: string | undefined;
    do {
      const page = await states.send(
        new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults: 1000, nextToken }),
      );
      const executions = page.executions ?? [];
      for (const execution of executions) {
        const stopped = execution.stopDate?.getTime() ?? 0;
        if (stopped >= since && stopped < now() - LATE) yield execution;
      }
      const oldest = executions.at(-1)?.startDate?.getTime() ?? 0;
      nextToken = oldest < since - LONGEST ? undefined : page.nextToken;
      await sleep(LIST_PACE);
    } while (nextToken);
  }
}

/** A redriven execution may have failed twice: the line must be as late as its end. */
async function isKnown({ executionArn, stopDate }: ExecutionListItem, { queries }: FindDeps): Promise<boolean> {
  const line = (await queries.byExecution(executionArn!))?.line;
  return line?.failure !== undefined && Date.parse(line.failure.at) >= stopDate!.getTime() - 1000;
}

async function* openFor(milliseconds: number, { queries, now }: FindDeps): AsyncGenerator<Listed> {
  const until = new Date(now() - milliseconds).toISOString();
  for (const status of ['OPEN', 'WAITING'] as const) {
    let next: string | undefined;
    do {
      const page = await queries.list({ status, until }, { next, oldestFirst: true });
      yield* page.items;
      next = page.next;
    } while (next);
  }
}

async function isOver({ findingId, lastExecution }: Listed, tools: FindDeps): Promise<boolean> {
  const { states, queries, ledger, send, sleep, now } = tools;
  await sleep(DESCRIBE_PACE);
  try {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn: lastExecution }));
    if (execution.status === 'RUNNING') return false;
    await send(messageOf(execution));
    return true;
  } catch (error) {
    if (!isNamed(error, 'ExecutionDoesNotExist')) throw error;
    const record = await queries.record(findingId);
    if (record?.lastExecution !== lastExecution) return false;
    const message = 'Step Functions does not know the execution any more: it ended more than 90 days ago. Replay it.';
    await ledger.fail(record.job, { error: 'ExecutionGone', message, at: new Date(now()).toISOString() }, false);
    return true;
  }
}

const messageOf = ({ executionArn, startDate }: Pick<ExecutionListItem, 'executionArn' | 'startDate'>) => ({
  execution: executionArn!,
  started: startDate!.toISOString(),
});
