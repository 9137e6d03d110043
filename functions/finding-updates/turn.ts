/**
 * One invocation at a time drains the queue. Lambda runs at least two instances of a queue's function, and both at once would
 * split each group: twice the calls for the same findings.
 */
import { text } from '../contract/errors.ts';
import type { InboxMessage } from '../domain/finding-update.ts';
import type { RunLease } from '../ports/run-lease.ts';
import { type DrainDeps, drain, RECEIVE_MARGIN_MS } from './drain.ts';

export type TurnDeps = DrainDeps & {
  /** The lease of the queue. */
  readonly lease: RunLease;
  /** Names this invocation in the lease. */
  readonly run: string;
};

/** Pause between attempts at a lease that another invocation holds. */
const LEASE_PAUSE_MS = 2_000;
/** Time below which a drain is not worth beginning. */
const MIN_TIME_LEFT_MS = RECEIVE_MARGIN_MS + 10_000;

/**
 * Drains the queue if this invocation gets the lease. An invocation without the lease returns its messages to the queue, and
 * waits for the lease: if it ended, Lambda would deliver it the next messages, which the lease holder could group.
 */
export async function takeTurn(first: readonly InboxMessage[], deps: TurnDeps): Promise<void> {
  const { inbox, sleep, timeLeft } = deps;
  const taken = await takeLease(deps);
  if (taken) return drainUnderLease(first, deps);
  await (taken === undefined ? inbox.retry(first) : inbox.handBack(first));
  while (timeLeft() > MIN_TIME_LEFT_MS) {
    await sleep(LEASE_PAUSE_MS);
    if (await takeLease(deps)) return drainUnderLease([], deps);
  }
}

/** Returns undefined where the ledger does not answer. */
async function takeLease({ lease, run, now, timeLeft, warn }: TurnDeps): Promise<boolean | undefined> {
  try {
    return await lease.take(run, now() + timeLeft());
  } catch (error) {
    warn('the lease of the queue cannot be taken', { error: text(error) });
    return undefined;
  }
}

async function drainUnderLease(first: readonly InboxMessage[], deps: TurnDeps): Promise<void> {
  await drain(first, deps);
  try {
    await deps.lease.release(deps.run);
  } catch (error) {
    deps.warn('the lease of the queue could not be released, so it will expire', { error: text(error) });
  }
}
