import { withSuspendedHolds } from '../../kernel/clock.ts';
import type { Kernel, Principal } from '../../kernel/kernel.ts';
import { runFunction } from '../../runtime/pool.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { beginInvocation } from './concurrency.ts';
import { codeOfFunction, type ResolvedFunction } from './function-reference.ts';

export type InvocationRequest = {
  readonly event: string;
  readonly requestId: string;
  readonly caller?: Principal;
};

/**
 * Runs a function. The surrounding call does not hold a virtual clock meanwhile, so that the function can wait for it.
 * @throws AwsError TooManyRequestsException if the concurrency is used up
 */
export const runInvocation = async (
  kernel: Kernel,
  resolved: ResolvedFunction,
  request: InvocationRequest,
): Promise<InvocationOutcome> => {
  const end = beginInvocation(kernel, resolved.fn);
  try {
    return await withSuspendedHolds(() =>
      runFunction(kernel, { code: codeOfFunction(resolved), invokedArn: resolved.reference.arn, ...request }),
    );
  } finally {
    end();
  }
};
