/**
 * The concurrency of an account in a Region, which its functions share, and the parts of it that functions reserve.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import { quotaValue } from '../servicequotas/state.ts';
import { invalidParameterValue } from './function-reference.ts';
import { LAMBDA, type LambdaFunction } from './state.ts';

/** By function ARN. The counts belong to the running sandbox, not to the service's state. */
const runningCounts = new WeakMap<Kernel, Map<string, number>>();

export const concurrencyQuota = (kernel: Kernel, place: AwsPlace): number =>
  quotaValue(kernel, place, 'lambda/L-B99A9384');

/** Returns what functions without a reservation share; `ignored`'s reservation does not count. */
export function unreservedConcurrency(kernel: Kernel, place: AwsPlace, ignored?: string): number {
  let unreserved = concurrencyQuota(kernel, place);
  for (const { name, reservedConcurrency = 0 } of kernel.state(LAMBDA, place).functions.values())
    if (name !== ignored) unreserved -= reservedConcurrency;
  return unreserved;
}

/**
 * Lambda keeps 100 for functions without a reservation. An account with a lower quota can reserve nothing: its error
 * names the quota as minimum.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 * @throws AwsError InvalidParameterValueException if less than the minimum would be left
 */
export function checkReservation(
  kernel: Kernel,
  place: AwsPlace,
  functionName: string,
  reserved: number | undefined,
): void {
  if (reserved === undefined) return;
  const minimum = Math.min(100, concurrencyQuota(kernel, place));
  if (unreservedConcurrency(kernel, place, functionName) - reserved < minimum)
    throw invalidParameterValue(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${minimum}].`,
    );
}

/**
 * Counts an invocation until the returned function is called.
 * @throws AwsError TooManyRequestsException if the concurrency that the function has, or shares, is used up
 */
export function beginInvocation(kernel: Kernel, fn: LambdaFunction): () => void {
  const counts = runningCounts.get(kernel) ?? new Map<string, number>();
  runningCounts.set(kernel, counts);
  const own = counts.get(fn.arn) ?? 0;
  if (fn.reservedConcurrency !== undefined && own >= fn.reservedConcurrency)
    throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
  if (
    fn.reservedConcurrency === undefined &&
    runningUnreserved(kernel, fn.place, counts) >= unreservedConcurrency(kernel, fn.place)
  )
    throw throttled('ConcurrentInvocationLimitExceeded');
  counts.set(fn.arn, own + 1);
  return () => {
    counts.set(fn.arn, counts.get(fn.arn)! - 1);
  };
}

function runningUnreserved(kernel: Kernel, place: AwsPlace, counts: ReadonlyMap<string, number>): number {
  let running = 0;
  for (const { arn, reservedConcurrency } of kernel.state(LAMBDA, place).functions.values())
    if (reservedConcurrency === undefined) running += counts.get(arn) ?? 0;
  return running;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const throttled = (Reason: string): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Reason, Type: 'User' });
