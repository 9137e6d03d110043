import type { JournalEntry } from '../domain/journal.ts';

/**
 * The journal of changes: the state before the first write. A rerun finds its unfinished entry and continues with the
 * original `before`, so that a crash loses no undo.
 */
export type Journal = {
  /** The newest entries under this key (see `journalKey`), newest first. */
  entries(key: string): Promise<readonly JournalEntry[]>;
  put(entry: JournalEntry): Promise<void>;
  mark(entry: JournalEntry, status: JournalEntry['status'], writtenAt?: number): Promise<void>;
};
