/**
 * Which retrier or catcher answers to an error, and how long a retry waits.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
import type { Catcher, Retrier } from './definition.ts';
import { matchesError, type StateError } from './errors.ts';

const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_BACKOFF_RATE = 2;

/**
 * Seconds until the next attempt, or null when the error is not retried. The first retrier that names the error
 * decides alone, also when its attempts are used up. Counts the attempt in `attempts`, which has one number a retrier.
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
  const made = attempts[index] ?? 0;
  if (made >= (retrier.MaxAttempts ?? DEFAULT_MAX_ATTEMPTS)) return null;
  attempts[index] = made + 1;
  const interval = retrier.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  const backoff = interval * (retrier.BackoffRate ?? DEFAULT_BACKOFF_RATE) ** made;
  const delay = Math.min(backoff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return retrier.JitterStrategy === 'FULL' ? random() * delay : delay;
}

export const catcherFor = (catchers: readonly Catcher[], error: StateError): Catcher | undefined =>
  catchers.find((catcher) => matchesError(catcher.ErrorEquals, error));
