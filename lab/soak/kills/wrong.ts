/** What is wrong after a fix and after its undo, in sentences that go on from "the fix …" and "the undo …". */

import { same } from '../../../functions/domain/same.ts';
import type { JournalEntry } from '../../../functions/ledger/journal.ts';
import type { Reading } from '../state.ts';
import type { Subject } from './faulty.ts';

type Ended = Reading & {
  readonly outcome: string | null;
  readonly reason: string;
  readonly replayed: number;
  readonly entry: JournalEntry | undefined;
};
export type Fixed = Ended & {
  /** The undo as the ledger has it. */
  readonly before: unknown;
  /** Of the finding in Security Hub. */
  readonly status: string | undefined;
};
export type Undone = Ended;

/** @param after the state that an undisturbed fix leaves */
export function* wrongFix({ before: { state: before } }: Subject, fixed: Fixed, after: unknown = fixed.state) {
  const { outcome, reason, state, isRight, entry, status } = fixed;
  if (outcome !== 'FIXED') yield `ended as ${outcome}: ${reason}`;
  if (!isRight) yield `left ${shown(state)}, which is not right`;
  if (!same(state, after)) yield `left ${shown(state)}, not ${shown(after)} as one that nobody disturbs`;
  if (!same(fixed.before, before)) yield `has the undo ${shown(fixed.before)} in the ledger, not ${shown(before)}`;
  if (!same(entry?.before, before)) yield `has the undo ${shown(entry?.before)} in the journal, not ${shown(before)}`;
  if (entry?.status !== 'done') yield `is ${entry?.status ?? 'not'} in the journal, not done`;
  if (status !== 'NOTIFIED') yield `left the finding ${status}, not NOTIFIED`;
}

export function* wrongUndo({ before, watched: { module } }: Subject, { state: after }: Fixed, undone: Undone) {
  const { outcome, reason, state, entry } = undone;
  const lost = module.irreversible ?? module.loses?.(before.state, after);
  const [wanted, wantedState, wantedEntry] = lost
    ? (['REFUSED', after, 'done'] as const)
    : (['ROLLED_BACK', before.state, 'rolledBack'] as const);
  if (outcome !== wanted) yield `ended as ${outcome}, not as ${wanted}: ${reason}`;
  if (!same(state, wantedState)) yield `left ${shown(state)}, not ${shown(wantedState)}`;
  if (entry?.status !== wantedEntry) yield `is ${entry?.status ?? 'not'} in the journal, not ${wantedEntry}`;
}

const shown = (value: unknown) => JSON.stringify(value);
