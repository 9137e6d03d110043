/**
 * Keys of the ledger's audit of operators: an item for each run of a command that writes, and one for each finding or
 * message that the run has handled, so that an interrupted run can be resumed.
 */

/** The sort key begins with the time. */
export const OPERATIONS = 'audit#operations';
/** The sort key is the id of a finding or message. */
export const operationKey = (run: string): string => `audit#operation#${run}`;
