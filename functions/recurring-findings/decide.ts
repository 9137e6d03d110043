/** What becomes of a finding that Suture took for fixed and that Security Hub still takes for failed. Pure. */

import { STILL_FAILING } from '../domain/ledger.ts';
import type { Recorded } from '../ledger/ledger-queries.ts';

/** Milliseconds after a fix in which Security Hub has looked at every control again: the slowest are looked at once a day. */
export const DAY = 24 * 3_600_000;
/** Times that a finding is taken back to NEW, before a person must look. */
export const MOST_REOPENINGS = 2;
/** Milliseconds after which an earlier reopening is another story. */
const FORGOTTEN = 30 * DAY;

export type RecurrenceVerdict =
  | { readonly kind: 'leave' }
  /** `counted`: it was, and the update may have got lost. */
  | { readonly kind: 'reopen'; readonly times: number; readonly counted: boolean }
  | { readonly kind: 'giveUp'; readonly times: number }
  | { readonly kind: 'givenUp' };

export function verdictOn(record: Recorded | undefined, now: number): RecurrenceVerdict {
  if (!record) return { kind: 'leave' };
  const { ofStatus, error, settledAt, reopened, reopenedAt } = record;
  if (ofStatus === 'FAILED' && error === STILL_FAILING) return { kind: 'givenUp' };
  if ((ofStatus !== 'FIXED' && ofStatus !== 'COMPLIANT') || settledAt === undefined) return { kind: 'leave' };
  const fixed = Date.parse(settledAt);
  if (now - fixed < DAY) return { kind: 'leave' };
  const last = reopenedAt === undefined ? undefined : Date.parse(reopenedAt);
  if (last !== undefined && last >= fixed) return { kind: 'reopen', times: reopened, counted: true };
  const before = last !== undefined && now - last < FORGOTTEN ? reopened : 0;
  if (before >= MOST_REOPENINGS) return { kind: 'giveUp', times: before };
  return { kind: 'reopen', times: before + 1, counted: false };
}

/** Constant for each number of times, so that updates group into few calls. */
export const noteOfReopening = (times: number): string =>
  `Suture: still fails a day after it was fixed, so it is dealt with again (${times} of ${MOST_REOPENINGS}).`;
