/** Settings that keep backups or logs for a number of days, at least as many as the control requires. */
import * as z from 'zod';
import { type LIST_PRICES, storageCost } from './monthly-cost.ts';

type Limits = { readonly least: number; readonly most: number };

/**
 * Returns the parameter `days`, and the risk: longer costs money each month, so a person agrees by default.
 * @param name that of the control's own parameter, which AWS lets organizations change
 */
export function daysToKeep(control: string, name: string, { least, most }: Limits) {
  return {
    risk: 'disruptive',
    params: z.strictObject({ days: z.int().min(least).max(most).default(least) }),
    controlParams: { days: { stricter: 'more', requires: { [control]: least }, customizable: { [control]: name } } },
  } as const;
}

/** Returns the days that policy asks for, or the current ones if they are more. */
export const atLeastDays = (current: number, { days }: { readonly days: number }): number => Math.max(current, days);

/** Returns a price without an amount: AWS says how large a disk is, not how large its backups are. */
export const backupCost =
  (price: keyof typeof LIST_PRICES, free: string): (() => string) =>
  () =>
    `${storageCost(price, undefined, 'backups')} beyond ${free}`;
