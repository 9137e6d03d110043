import type { EndedExecution } from '../domain/ended-execution.ts';
import type { Job } from '../domain/job.ts';
import type { ExecutionFailure } from '../domain/ledger.ts';

export type ExecutionEnd =
  | { readonly kind: 'succeeded'; readonly job: Job }
  /** `job` is the input of the failed state. Absent if triage failed, whose input is the event. */
  | { readonly kind: 'failed'; readonly failure: ExecutionFailure; readonly job?: Job; readonly input: unknown };

/** Returns undefined while the execution runs. */
export type ReadExecutionEnd = (execution: string) => Promise<ExecutionEnd | undefined>;

export type FailedExecution = EndedExecution & { readonly stoppedAt: number };

export type Executions = {
  /** Includes timed-out and aborted executions. */
  failedSince(since: number): AsyncIterable<FailedExecution>;
  /** `gone`: Step Functions deletes an execution 90 days after its end. */
  end(execution: string): Promise<EndedExecution | 'running' | 'gone'>;
};
