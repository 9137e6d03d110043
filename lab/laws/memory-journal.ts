/** A journal in memory whose reads and writes are steps of a run. */
import type { JournalEntry } from '../../functions/domain/journal.ts';
import type { Journal } from '../../functions/ports/journal.ts';
import type { LockedCopies } from '../../functions/ports/locked-copies.ts';
import type { Steps } from './steps.ts';

export class MemoryJournal implements Journal {
  readonly #entries: Map<string, JournalEntry>;
  readonly #steps: Steps;

  /** `entries` outlives the run, as the table does. */
  constructor(entries: Map<string, JournalEntry>, steps: Steps) {
    this.#entries = entries;
    this.#steps = steps;
  }

  entries(key: string): Promise<readonly JournalEntry[]> {
    return this.#steps.take(async () =>
      structuredClone([...this.#entries.values()].filter((entry) => entry.key === key).reverse()),
    );
  }

  put(entry: JournalEntry): Promise<void> {
    return this.#steps.take(async () => this.#set(entry));
  }

  mark(entry: JournalEntry, status: JournalEntry['status'], writtenAt?: number): Promise<void> {
    return this.#steps.take(async () => {
      const written = writtenAt === undefined ? {} : { writtenAt };
      this.#set({ ...this.#entries.get(keyOf(entry))!, status, ...written });
    });
  }

  #set(entry: JournalEntry): void {
    this.#entries.set(keyOf(entry), structuredClone(entry));
  }
}

/** Locked copies in memory. Those of earlier runs follow from the journal, which no scenario changes. */
export class MemoryCopies implements LockedCopies {
  readonly #copies: Map<string, JournalEntry>;
  readonly #steps: Steps;

  constructor(copies: Map<string, JournalEntry>, steps: Steps) {
    this.#copies = copies;
    this.#steps = steps;
  }

  keep(entry: JournalEntry): Promise<JournalEntry> {
    return this.#steps.take(async () => {
      const name = copyName(entry.key, entry.execution);
      const kept = this.#copies.get(name) ?? structuredClone(entry);
      this.#copies.set(name, kept);
      return structuredClone(kept);
    });
  }

  oldest(key: string, execution: string): Promise<JournalEntry | undefined> {
    return this.#steps.take(async () => structuredClone(this.#copies.get(copyName(key, execution))));
  }
}

const copyName = (key: string, execution: string) => `${key} ${execution}`;

/** Returns the copies of a journal's entries, as `MemoryCopies` keeps them. */
export const entryCopies = (entries: readonly JournalEntry[]): Map<string, JournalEntry> =>
  new Map(entries.map((entry) => [copyName(entry.key, entry.execution), structuredClone(entry)]));

/** Returns a journal's entries with their keys, as `MemoryJournal` keeps them. */
export const journalEntries = (entries: readonly JournalEntry[]): Map<string, JournalEntry> =>
  new Map(entries.map((entry) => [keyOf(entry), structuredClone(entry)]));

const keyOf = ({ key, at }: JournalEntry) => `${key} ${at}`;
