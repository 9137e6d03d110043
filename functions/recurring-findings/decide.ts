/** Decides about a finding that Suture fixed and whose control still fails. Pure. */
import { STILL_FAILING } from '../domain/ledger.ts';
import { MAX_REOPENINGS } from '../domain/notes.ts';
import type { LedgerRecord } from '../ports/ledger-queries.ts';

/** Within a day, Security Hub evaluates every control again. */
export const DAY_MS = 24 * 3_600_000;
/** An earlier reopening counts for this long. */
const FORGOTTEN_MS = 30 * DAY_MS;

export type RecurrenceVerdict =
  | { readonly kind: 'leave' }
  /** `counted`: the ledger has counted it already, but its update may have been lost. */
  | { readonly kind: 'reopen'; readonly times: number; readonly counted: boolean }
  | { readonly kind: 'giveUp'; readonly times: number }
  | { readonly kind: 'givenUp' };

export function recurrenceVerdict(record: LedgerRecord | undefined, now: number): RecurrenceVerdict {
  if (!record) return { kind: 'leave' };
  const { ofStatus, error, settledAt, reopened, reopenedAt } = record;
  if (ofStatus === 'FAILED' && error === STILL_FAILING) return { kind: 'givenUp' };
  if ((ofStatus !== 'FIXED' && ofStatus !== 'COMPLIANT') || settledAt === undefined) return { kind: 'leave' };
  const fixedAt = Date.parse(settledAt);
  if (now - fixedAt < DAY_MS) return { kind: 'leave' };
  const lastReopenedAt = reopenedAt === undefined ? undefined : Date.parse(reopenedAt);
  if (lastReopenedAt !== undefined && lastReopenedAt >= fixedAt)
    return { kind: 'reopen', times: reopened, counted: true };
  const counts = lastReopenedAt !== undefined && now - lastReopenedAt < FORGOTTEN_MS;
  const times = counts ? reopened : 0;
  return times >= MAX_REOPENINGS ? { kind: 'giveUp', times } : { kind: 'reopen', times: times + 1, counted: false };
}
