/**
 * How many accounts an operation works in at once, and how many may fail.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
 */
import * as z from 'zod';

const percentage = z.int().max(100);

export const preferencesSchema = z
  .strictObject({
    FailureToleranceCount: z.int().min(0).optional(),
    FailureTolerancePercentage: percentage.min(0).optional(),
    MaxConcurrentCount: z.int().min(1).optional(),
    MaxConcurrentPercentage: percentage.min(1).optional(),
    ConcurrencyMode: z.enum(['STRICT_FAILURE_TOLERANCE', 'SOFT_FAILURE_TOLERANCE']).optional(),
  })
  .refine((given) => given.FailureToleranceCount === undefined || given.FailureTolerancePercentage === undefined, {
    message: 'either FailureToleranceCount or FailureTolerancePercentage',
  })
  .refine((given) => given.MaxConcurrentCount === undefined || given.MaxConcurrentPercentage === undefined, {
    message: 'either MaxConcurrentCount or MaxConcurrentPercentage',
  });
export type OperationPreferences = z.infer<typeof preferencesSchema>;

/** Returns how many of `accounts` accounts may fail in a Region before the operation ends there. */
export function failureTolerance(preferences: OperationPreferences, accounts: number): number {
  const { FailureToleranceCount: count = 0, FailureTolerancePercentage: percent } = preferences;
  return percent === undefined ? count : Math.floor((accounts * percent) / 100);
}

/** Returns how many accounts the operation works in at once after `failed` failures. */
export function concurrency(preferences: OperationPreferences, accounts: number, failed: number): number {
  const { MaxConcurrentCount: count = 1, MaxConcurrentPercentage: percent } = preferences;
  const most = percent === undefined ? count : Math.max(1, Math.floor((accounts * percent) / 100));
  if (preferences.ConcurrencyMode === 'SOFT_FAILURE_TOLERANCE') return most;
  return Math.max(1, Math.min(most, failureTolerance(preferences, accounts) + 1 - failed));
}
