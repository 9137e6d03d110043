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
/** The sort key is the circuit's name. */
export const CIRCUITS = 'circuits';
/** Caps that were reached; the sort key is `capOf`. */
export const CAPS = 'caps';
/**
 * Counters into which the organization's changes of one remediation and hour are split. At 300 starts a second and 20
 * ms a transaction, six transactions run at once; on a single counter all but one of them would be refused.
 */
export const COUNTER_SHARDS = 10;
/** The audit of `stop` and `resume`; the sort key begins with the time. */
export const AUDIT = 'audit#stops';

export const hourOf = (now: number): string => new Date(now).toISOString().slice(0, 13);

export const capOf = (hour: string, remediation: string, account = '*'): string => `${hour}#${remediation}#${account}`;

/** The organization's counter, or an account's own. */
export const executionsIn = (hour: string, account?: string): LedgerKey => ({
  pk: `counter#executions#${hour}${account === undefined ? '' : `#${account}`}`,
  sk: 'counter',
});

/** Returns how much of a cap of the organization one account may use: half, so that none stops the others. */
export const shareOf = (cap: number): number => Math.max(1, Math.floor(cap / 2));

const HOUR_MS = 3_600_000;
/** Capped executions begin again spread over this time of the next hour. */
const JITTER_MS = 15 * 60_000;
/** A capped execution waits at most this long, and then fails. */
export const MAX_CAPPED_MS = 24 * HOUR_MS;

/** @param random from 0 to 1 */
export const nextHourWithJitter = (now: number, random: number): string =>
  new Date(Math.floor(now / HOUR_MS + 1) * HOUR_MS + Math.floor(random * JITTER_MS)).toISOString();

/** Beginnings of the reasons of such waits. They distinguish them from other waits. */
export const WAITS_FOR_ROLE = 'waits for the member role';
export const WAITS_FOR_STACK = 'waits for the upgrade';
/** A change that needs a newer member role or stack waits at most this long, and then fails: a rollout may take a weekend. */
export const MAX_OUTDATED_MS = 3 * 24 * HOUR_MS;
const MIN_PAUSE_MS = 5 * 60_000;
/**
 * Below an hour with jitter: for an hour after each attempt, other executions on the finding are duplicates, so that one
 * alone waits.
 */
const MAX_PAUSE_MS = 40 * 60_000;

/**
 * Returns the time of the next attempt of a change whose member role or stack is too old. Each pause is as long as the
 * change has waited already, within limits.
 * @param random from 0 to 1
 */
export const afterOutdated = (now: number, waitedMs: number, random: number): string => {
  const pauseMs = Math.min(Math.max(waitedMs, MIN_PAUSE_MS), MAX_PAUSE_MS);
  return new Date(now + Math.floor(pauseMs * (1 + random / 4))).toISOString();
};
