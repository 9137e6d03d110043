/**
 * Chooses the retrier or catcher of an error, and the delay of a retry.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
import type { Catcher, Retrier } from './definition.ts';
import { matchesError, type StateError } from './errors.ts';

const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_BACKOFF_RATE = 2;

/**
 * Returns the seconds until the next attempt; null if the error is not retried. The first retrier that matches the
 * error decides, even if its attempts are used up.
 * @param attempts the retries so far of each retrier; the function adds this one
 */
export function retryDelay(
  retriers: readonly Retrier[],
  error: StateError,
  attempts: number[],
  random: () => number,
): number | null {
  const index = retriers.findIndex((retrier) => matchesError(retrier.ErrorEquals, error));
  const retrier = retriers[index];
  if (!retrier) return null;
  const earlier = attempts[index] ?? 0;
  if (earlier >= (retrier.MaxAttempts ?? DEFAULT_MAX_ATTEMPTS)) return null;
  attempts[index] = earlier + 1;
  const interval = retrier.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  const backoff = interval * (retrier.BackoffRate ?? DEFAULT_BACKOFF_RATE) ** earlier;
  const delay = Math.min(backoff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return retrier.JitterStrategy === 'FULL' ? random() * delay : delay;
}

export const catcherFor = (catchers: readonly Catcher[], error: StateError): Catcher | undefined =>
  catchers.find((catcher) => matchesError(catcher.ErrorEquals, error));
