import type { LedgerListItem } from './ledger-queries.ts';

export type StoredSuppression = {
  readonly id: string;
  readonly since: string;
  /** Digest of the criteria that cover every finding it holds. */
  readonly criteria?: string;
};

/** The suppressions of present and former policies that have archived findings. */
export type Suppressions = {
  list(): Promise<StoredSuppression[]>;
  /** Idempotent: `since` stays. */
  add(id: string, at: string): Promise<void>;
  /** Stores that these criteria cover every finding that the suppression holds. */
  storeCriteria(id: string, criteria: string): Promise<void>;
  remove(id: string): Promise<void>;
  /**
   * Takes the finding out of its suppression, or moves it to another one. Returns false if an execution has changed the
   * record since it was read.
   */
  release(record: LedgerListItem, to: { readonly reason: string } | { readonly suppression: string }): Promise<boolean>;
};
