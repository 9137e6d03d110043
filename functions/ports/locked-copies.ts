import type { JournalEntry } from '../domain/journal.ts';

/** Copies of journal entries as they were before the first write. Nobody can change or delete them. */
export type LockedCopies = {
  /**
   * Keeps a copy of the entry, unless there is one of the same target and execution.
   * @returns the oldest copy of this target and execution
   */
  keep(entry: JournalEntry): Promise<JournalEntry>;
  /** The oldest copy of the change that this execution made of the target (see `journalKey`). */
  oldest(key: string, execution: string): Promise<JournalEntry | undefined>;
};
