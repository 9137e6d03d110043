import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { Job } from '../../functions/domain/job.ts';
import { endingOf, reasonOf } from '../../functions/domain/ledger.ts';
import { jsonOrUndefined } from '../input/json-or-undefined.ts';
import type { ExecutionResult } from '../output/execution-results.ts';

export function executionResult(execution: DescribeExecutionOutput): ExecutionResult {
  const { executionArn, status, error, cause, output } = execution;
  const job = Job.safeParse(jsonOrUndefined(output ?? '')).data;
  return {
    execution: executionArn!,
    status: status!,
    outcome: status === 'RUNNING' ? 'WAITING' : (error ?? (job ? endingOf(job) : status!)),
    why: job ? reasonOf(job) : (messageIn(cause) ?? 'it is still running, or waits for a person or a window'),
  };
}

/** Returns the message of a function's error, which arrives as JSON with errorMessage; else the cause itself. */
function messageIn(cause: string | undefined): string | undefined {
  const document = jsonOrUndefined(cause ?? '') as { errorMessage?: unknown } | null | undefined;
  return typeof document?.errorMessage === 'string' ? document.errorMessage : cause;
}
