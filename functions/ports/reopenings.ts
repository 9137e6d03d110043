import type { LedgerRecord } from './ledger-queries.ts';

/** How often a finding was set back to NEW though it was fixed. Both writes fail (false) if the record has changed since. */
export type Reopenings = {
  count(record: LedgerRecord, times: number, now: number): Promise<boolean>;
  /** Leaves the finding to a person, with the error StillFailing. */
  giveUp(record: LedgerRecord, times: number, now: number): Promise<boolean>;
};
