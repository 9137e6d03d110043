/** Runs one invocation of a function, whoever asked for it and however it was allowed. */
import { lettingTimePass } from '../../kernel/clock.ts';
import { AwsError, type Kernel, type Principal } from '../../kernel/kernel.ts';
import type { Outcome } from '../../runtime/instance.ts';
import { runFunction } from '../../runtime/pool.ts';
import { codeOf, type Target } from './target.ts';

export type Run = {
  /** The event, as JSON. */
  readonly event: string;
  readonly requestId: string;
  readonly caller?: Principal;
};

/** Invocations under way, by function ARN. They belong to the running sandbox, not to the service's state. */
const running = new WeakMap<Kernel, Map<string, number>>();

/**
 * The clock goes on while the function waits on it, whatever operation waits for the function.
 * @throws TooManyRequestsException where the reserved concurrency is used up
 */
export const runTarget = async (kernel: Kernel, target: Target, run: Run): Promise<Outcome> => {
  const counts = running.get(kernel) ?? new Map<string, number>();
  running.set(kernel, counts);
  const { arn, reservedConcurrency = Number.POSITIVE_INFINITY } = target.lambda;
  const count = counts.get(arn) ?? 0;
  if (count >= reservedConcurrency) throw throttled();
  counts.set(arn, count + 1);
  try {
    return await lettingTimePass(() =>
      runFunction(kernel, { code: codeOf(target), invokedArn: target.named.arn, ...run }),
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
