/** Sentences that continue "the fix …" and "the rollback …". */

import { isEqual } from '../../../functions/contract/is-equal.ts';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import type { ResourceState } from '../resource-state.ts';
import type { KillSubject } from './subjects.ts';

export type RollbackResult = ResourceState & {
  readonly outcome: string | null;
  readonly reason: string;
  readonly replayed: number;
  readonly entry: JournalEntry | undefined;
};
export type FixResult = RollbackResult & {
  readonly before: unknown;
  readonly status: string | undefined;
};

/** @param expectedState the state that a fix without kills leaves */
export function* fixProblems(
  { before: { state: before } }: KillSubject,
  fix: FixResult,
  expectedState: unknown = fix.state,
) {
  const { outcome, reason, state, isCompliant, entry, status } = fix;
  if (outcome !== 'FIXED') yield `ended as ${outcome}: ${reason}`;
  if (!isCompliant) yield `left ${text(state)}, which is not compliant`;
  if (!isEqual(state, expectedState)) yield `left ${text(state)}, not ${text(expectedState)} as without kills`;
  if (!isEqual(fix.before, before)) yield `has the undo ${text(fix.before)} in the ledger, not ${text(before)}`;
  if (!isEqual(entry?.before, before)) yield `has the undo ${text(entry?.before)} in the journal, not ${text(before)}`;
  if (entry?.status !== 'done') yield `is ${entry?.status ?? 'not'} in the journal, not done`;
  if (status !== 'NOTIFIED') yield `left the finding ${status}, not NOTIFIED`;
}

export function* rollbackProblems(
  { before, ref: { module } }: KillSubject,
  { state: after }: FixResult,
  rollback: RollbackResult,
) {
  const { outcome, reason, state, entry } = rollback;
  const isIrreversible = (module.irreversible ?? module.loses?.(before.state, after)) !== undefined;
  const [expectedOutcome, expectedState, expectedStatus] = isIrreversible
    ? (['REFUSED', after, 'done'] as const)
    : (['ROLLED_BACK', before.state, 'rolledBack'] as const);
  if (outcome !== expectedOutcome) yield `ended as ${outcome}, not as ${expectedOutcome}: ${reason}`;
  if (!isEqual(state, expectedState)) yield `left ${text(state)}, not ${text(expectedState)}`;
  if (entry?.status !== expectedStatus) yield `is ${entry?.status ?? 'not'} in the journal, not ${expectedStatus}`;
}

const text = (value: unknown) => JSON.stringify(value);
