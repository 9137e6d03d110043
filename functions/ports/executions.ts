import type { EndedExecution } from '../domain/ended-execution.ts';
import type { Job } from '../domain/job.ts';
import type { ExecutionFailure } from '../domain/ledger.ts';

/** The end of an execution. */
export type ExecutionEnd =
  | { readonly kind: 'succeeded'; readonly job: Job }
  /** `job`: the input of the failed state. Absent where triage failed, whose input is the event. */
  | { readonly kind: 'failed'; readonly failure: ExecutionFailure; readonly job?: Job; readonly input: unknown };

/** Reads how an execution ended; undefined while it runs. */
export type ReadExecutionEnd = (execution: string) => Promise<ExecutionEnd | undefined>;

/** An execution that failed, with the milliseconds since 1970 at which it stopped. */
export type FailedExecution = EndedExecution & { readonly stoppedAt: number };

/** The state machine's executions. */
export type Executions = {
  /** Failed, timed-out and aborted executions that stopped at or after `since` (milliseconds since 1970). */
  failedSince(since: number): AsyncIterable<FailedExecution>;
  /** `gone`: Step Functions has deleted the execution, 90 days after its end. */
  end(execution: string): Promise<EndedExecution | 'running' | 'gone'>;
};
