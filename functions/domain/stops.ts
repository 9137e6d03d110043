/** Under which keys the ledger keeps what stops changes: functions write and read it, and the command line shows it. */

export type LedgerKey = { readonly pk: string; readonly sk: string };

/** While this item exists, nothing is planned or changed. */
export const KILL_SWITCH: LedgerKey = { pk: 'stop', sk: 'all' };
/**
 * Copies of the kill switch, which attempts check inside their transactions: each its own, as transactions that meet on
 * an item refuse each other. They are written after the switch itself and deleted before it.
 */
export const KILL_SWITCH_COPIES: readonly LedgerKey[] = Array.from({ length: 10 }, (_, copy) => ({
  pk: 'stop',
  sk: String(copy),
}));
/** Partition of the circuits; the sort key is the remediation. */
export const CIRCUITS = 'circuits';
/** Partition of the caps that were reached; the sort key is `capOf`. */
export const CAPS = 'caps';
/** Partition of who stopped and resumed; the sort key begins with the time. */
export const AUDIT = 'audit#stops';

/** The hour of a counter: `2026-11-22T14`. */
export const hourOf = (now: number): string => new Date(now).toISOString().slice(0, 13);

/** Without an account, the organization's. */
export const capOf = (hour: string, remediation: string, account = '*'): string => `${hour}#${remediation}#${account}`;

/** Executions that went beyond triage in this hour. */
export const executionsIn = (hour: string): LedgerKey => ({ pk: `counter#executions#${hour}`, sk: 'counter' });
