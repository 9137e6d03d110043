/** Lists and describes executions of the state machine, below the quotas of Step Functions. */
import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { isNamed } from '../contract/errors.ts';
import type { EndedExecution } from '../domain/ended-execution.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';

/** Stays below the 5 calls a second of ListExecutions and the 15 of DescribeExecution. */
const LIST_PACE_MS = 250;
const DESCRIBE_PACE_MS = 100;
/**
 * Executions are listed by start. One that runs longer, because it waits for a person or a window, has an open record.
 */
const MAX_DURATION_MS = 3 * 24 * 3_600_000;
const STATUSES = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

export const stepFunctionsExecutions = (
  stepFunctions: SFNClient,
  stateMachineArn: string,
  { sleep }: Pick<Clock, 'sleep'>,
): Executions => ({
  async *failedSince(since) {
    for (const statusFilter of STATUSES) {
      let nextToken: string | undefined;
      do {
        const page = await stepFunctions.send(
          new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults: 1000, nextToken }),
        );
        const executions = page.executions ?? [];
        for (const execution of executions) {
          const stoppedAt = execution.stopDate?.getTime() ?? 0;
          if (stoppedAt >= since) yield { ...endedExecution(execution), stoppedAt };
        }
        const oldest = executions.at(-1)?.startDate?.getTime() ?? 0;
        nextToken = oldest < since - MAX_DURATION_MS ? undefined : page.nextToken;
        await sleep(LIST_PACE_MS);
      } while (nextToken);
    }
  },

  async end(executionArn) {
    await sleep(DESCRIBE_PACE_MS);
    try {
      const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? 'running' : endedExecution(execution);
    } catch (error) {
      if (isNamed(error, 'ExecutionDoesNotExist')) return 'gone';
      throw error;
    }
  },
});

const endedExecution = ({
  executionArn,
  startDate,
}: Pick<ExecutionListItem, 'executionArn' | 'startDate'>): EndedExecution => ({
  execution: executionArn!,
  started: startDate!.toISOString(),
});
