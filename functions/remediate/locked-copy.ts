/** Compares the journal, which the function's own role can change, with the locked copies, which nobody can change. */
import { isEqual } from '../contract/is-equal.ts';
import type { JournalEntry } from '../domain/journal.ts';
import type { EngineRun } from './run.ts';

/** Later attempts of the same execution may have another approval, other targets and another state after. */
const CONSTANT = ['partition', 'account', 'region', 'target', 'params', 'version', 'execution', 'before'] as const;

type Comparison = { readonly copy: JournalEntry } | { readonly refused: string };

/** Keeps the state before. Refuses if this execution kept another one before. */
export async function keepCopy(run: EngineRun, entry: JournalEntry): Promise<Comparison> {
  return compareWithCopy(run, entry, await run.deps.copies.keep(entry));
}

/** Returns the oldest copy of an entry's change, or why the entry cannot be trusted. */
export const lockedCopyOf = async (run: EngineRun, entry: JournalEntry): Promise<Comparison> =>
  (await copyIfKept(run, entry)) ?? {
    refused:
      `no locked copy of the state before the change by ${entry.execution} exists: ` +
      'it is older than the bucket of copies, or its execution stopped before it wrote anything',
  };

/** Returns undefined if the change has no copy. */
export async function copyIfKept(run: EngineRun, entry: JournalEntry): Promise<Comparison | undefined> {
  const copy = await run.deps.copies.oldest(entry.key, entry.execution);
  return copy && compareWithCopy(run, entry, copy);
}

function compareWithCopy({ deps }: EngineRun, entry: JournalEntry, copy: JournalEntry): Comparison {
  const changed = CONSTANT.filter((member) => !isEqual(entry[member], copy[member]));
  if (changed.length === 0) return { copy };
  const lines = changed.map(
    (member) => `${member} is ${JSON.stringify(entry[member])}, in the copy ${JSON.stringify(copy[member])}`,
  );
  const refused = `somebody changed the journal: it differs from the locked copy of ${copy.execution}: ${lines.join('; ')}`;
  deps.alert(refused);
  return { refused };
}
