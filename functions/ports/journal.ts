import type { JournalEntry } from '../domain/journal.ts';

/**
 * The journal of changes: the state before the first write. A rerun, also by another execution, finds an unfinished entry
 * and continues with the original `before`, so that a crash loses no undo.
 */
export type Journal = {
  /** The newest entry under this key (see `journalKey`). */
  newest(key: string): Promise<JournalEntry | undefined>;
  /** Creates or replaces an entry. */
  put(entry: JournalEntry): Promise<void>;
  /** Sets the status of an entry, and `writtenAt` (milliseconds since 1970) where it is given. */
  mark(entry: JournalEntry, status: JournalEntry['status'], writtenAt?: number): Promise<void>;
};
