/**
 * One invocation at a time drains the queue. Lambda runs at least two instances of a queue's function, and concurrent
 * ones would split each group: twice the calls for the same findings.
 */
import { errorDescription } from '../contract/errors.ts';
import type { InboxMessage } from '../domain/finding-update.ts';
import type { RunLease } from '../ports/run-lease.ts';
import { type DrainDeps, drain, RECEIVE_MARGIN_MS } from './drain.ts';

export type LeasedDrainDeps = DrainDeps & {
  readonly lease: RunLease;
  readonly run: string;
};

const LEASE_PAUSE_MS = 2_000;
/** With less time, a drain is not worthwhile. */
const MIN_TIME_LEFT_MS = RECEIVE_MARGIN_MS + 10_000;

/**
 * Drains the queue if this invocation gets the lease. An invocation without the lease returns its messages to the queue
 * and waits for the lease: if it ended, Lambda would deliver it the next messages, which the lease holder could group.
 */
export async function drainWithLease(first: readonly InboxMessage[], deps: LeasedDrainDeps): Promise<void> {
  const { inbox, sleep, timeLeft } = deps;
  const taken = await takeLease(deps);
  if (taken) return drainUnderLease(first, deps);
  await (taken === undefined ? inbox.retry(first) : inbox.release(first));
  while (timeLeft() > MIN_TIME_LEFT_MS) {
    await sleep(LEASE_PAUSE_MS);
    if (await takeLease(deps)) return drainUnderLease([], deps);
  }
}

/** Returns undefined if the ledger does not answer. */
async function takeLease({ lease, run, now, timeLeft, warn }: LeasedDrainDeps): Promise<boolean | undefined> {
  try {
    return await lease.take(run, now() + timeLeft());
  } catch (error) {
    warn('the lease of the queue cannot be taken', { error: errorDescription(error) });
    return undefined;
  }
}

async function drainUnderLease(first: readonly InboxMessage[], deps: LeasedDrainDeps): Promise<void> {
  await drain(first, deps);
  try {
    await deps.lease.release(deps.run);
  } catch (error) {
    deps.warn('the lease of the queue could not be released, so it will expire', { error: errorDescription(error) });
  }
}
