/** Changes that wait for the maintenance window, which never comes in the sandbox. */
import type { RecordFields } from '../../records/record.ts';
import type { RecordChange } from '../../records/verbs.ts';

export type PendingChanges = {
  /** Members that AWS stores at once; the database does not notice. */
  readonly atOnce: readonly string[];
  /** Members that AWS changes in the maintenance window, unless the request says otherwise. */
  readonly deferred: readonly string[];
  /** Returns true for a change of a deferred member that does not wait. */
  readonly isSooner?: (name: string, given: RecordFields, record: RecordFields) => boolean;
};

/** Splits a change into now and later. With ApplyImmediately, AWS also makes every change that already waits. */
export function pendingChange(
  { atOnce, deferred: deferredMembers, isSooner }: PendingChanges,
  given: RecordFields,
  record: RecordFields,
  immediately: boolean,
): RecordChange {
  const waiting = (record.PendingModifiedValues ?? {}) as RecordFields;
  const deferred = pick(given, (name) => deferredMembers.includes(name) && !isSooner?.(name, given, record));
  const now = pick(given, (name) => atOnce.includes(name));
  const soon = pick(given, (name) => !atOnce.includes(name) && !(name in deferred));
  if (!immediately) return { now: { ...now, PendingModifiedValues: { ...waiting, ...deferred } }, after: soon };
  const after = { ...waiting, ...deferred, ...soon };
  if (Object.keys(after).length === 0) return { now };
  const shown = pick(after, (name) => deferredMembers.includes(name) || name === 'MasterUserPassword');
  return { now: { ...now, PendingModifiedValues: shown }, after: { ...after, PendingModifiedValues: {} } };
}

const pick = (fields: RecordFields, isWanted: (name: string) => boolean): RecordFields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => isWanted(name)));
