/** Keys of the ledger's items that stop changes: kill switch, circuits, caps and their counters. */

export type LedgerKey = { readonly pk: string; readonly sk: string };

/** While this item exists, Suture plans and changes nothing. */
export const KILL_SWITCH: LedgerKey = { pk: 'stop', sk: 'all' };
/**
 * Copies of the kill switch. Each attempt checks its own copy in its transaction, because transactions on the same item
 * conflict. The copies are written after the switch itself and deleted before it.
 */
export const KILL_SWITCH_COPIES: readonly LedgerKey[] = Array.from({ length: 10 }, (_, copy) => ({
  pk: 'stop',
  sk: String(copy),
}));
/** Partition key of the circuits; the sort key is the remediation. */
export const CIRCUITS = 'circuits';
/** Partition key of the caps that were reached; the sort key is `capOf`. */
export const CAPS = 'caps';
/**
 * Counters into which the organization's changes of one remediation and hour are split. At 300 starts a second and 20 ms a
 * transaction, six transactions run at once; on a single counter all but one of them would be refused.
 */
export const COUNTER_SHARDS = 10;
/** Partition key of the audit of `stop` and `resume`; the sort key begins with the time. */
export const AUDIT = 'audit#stops';

/** Returns the hour of a counter: `2026-11-22T14`. */
export const hourOf = (now: number): string => new Date(now).toISOString().slice(0, 13);

/** Returns the sort key of a cap: the organization's where no account is given. */
export const capOf = (hour: string, remediation: string, account = '*'): string => `${hour}#${remediation}#${account}`;

/** Returns the key of the counter of executions that went beyond triage in this hour. */
export const executionsIn = (hour: string): LedgerKey => ({ pk: `counter#executions#${hour}`, sk: 'counter' });
