/**
 * Under which keys the ledger keeps what operators did: a line for each run of a command that writes, and one for each thing
 * that the run dealt with, from which an interrupted run goes on.
 */

/** Partition of the runs; the sort key begins with the time. */
export const OPERATIONS = 'audit#operations';
/** Partition of what one run dealt with; the sort key names it: a finding's id, or a message's. */
export const operationKey = (run: string): string => `audit#operation#${run}`;
