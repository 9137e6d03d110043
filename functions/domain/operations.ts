/**
 * Keys of the ledger's audit of operators: an item for each run of a command that writes, and one for each finding or
 * message that the run has handled, so that an interrupted run can be resumed.
 */
import { type InstallationId, namesOf } from './names.ts';
import { hash } from './trace.ts';

/** The sort key begins with the time. */
export const OPERATIONS = 'audit#operations';
/** The sort key is the id of a finding or message. */
export const operationKey = (run: string): string => `audit#operation#${run}`;

/** Names the people who continued an execution; the sort key is the person. */
export const redrivesKey = (execution: string): string => operationKey(`redrive-${hash(execution)}`);

/** Returns the run that started an execution for one finding; undefined if the name says that no run did. */
export const runOfExecution = (execution: string): string | undefined =>
  /^(?:replay|rollback|backfill)-([0-9a-f]{12})-[0-9a-f]{32}$/.exec(execution.split(':').at(-1)!)?.[1];

/** The name of a replay of archived events. EventBridge adds it to each of them. */
export const eventReplayName = (installation: InstallationId, run: string): string => namesOf(installation).own(run);
export const runOfEventReplay = (name: string): string | undefined => /^[a-z0-9]+-([0-9a-f]{12})$/.exec(name)?.[1];
