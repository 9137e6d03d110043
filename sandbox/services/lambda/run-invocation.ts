import { withSuspendedHolds } from '../../kernel/clock.ts';
import { AwsError, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { runFunction } from '../../runtime/pool.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { codeOfFunction, type ResolvedFunction } from './function-reference.ts';

export type InvocationRequest = {
  readonly event: string;
  readonly requestId: string;
  readonly caller?: Principal;
};

/** By function ARN. The counts belong to the running sandbox, not to the service's state. */
const runningCounts = new WeakMap<Kernel, Map<string, number>>();

/**
 * A virtual clock continues while the function waits for it, even during the call that waits here.
 * @throws AwsError TooManyRequestsException if the reserved concurrency is used up
 */
export const runInvocation = async (
  kernel: Kernel,
  resolved: ResolvedFunction,
  request: InvocationRequest,
): Promise<InvocationOutcome> => {
  const counts = runningCounts.get(kernel) ?? new Map<string, number>();
  runningCounts.set(kernel, counts);
  const { arn, reservedConcurrency = Number.POSITIVE_INFINITY } = resolved.fn;
  const count = counts.get(arn) ?? 0;
  if (count >= reservedConcurrency) throw throttled();
  counts.set(arn, count + 1);
  try {
    return await withSuspendedHolds(() =>
      runFunction(kernel, { code: codeOfFunction(resolved), invokedArn: resolved.reference.arn, ...request }),
    );
  } finally {
    counts.set(arn, counts.get(arn)! - 1);
  }
};

const throttled = (): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    Type: 'User',
  });
