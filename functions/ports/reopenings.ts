import type { LedgerRecord } from './ledger-queries.ts';

/** Counts how often a fixed finding was set back to NEW. Both writes return false if the record has changed since. */
export type Reopenings = {
  count(record: LedgerRecord, times: number, now: number): Promise<boolean>;
  giveUp(record: LedgerRecord, times: number, now: number): Promise<boolean>;
};
