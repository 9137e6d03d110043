/**
 * One invocation at a time drains the queue. Lambda has two of a queue's function at least, and both at once would share
 * each group between them: twice the calls for the same findings.
 */

import { text } from '../contract/errors.ts';
import type { RunLease } from '../ledger/run-lease.ts';
import { type Drain, drain, RECEIVES_UNTIL } from './drain.ts';
import type { InboxMessage } from './message.ts';

export type DrainTurn = Drain & {
  /** Who drains. */
  readonly lease: RunLease;
  /** Names this invocation in the lease. */
  readonly run: string;
};

/** Milliseconds between looks at a lease that another one has. */
const LOOK = 2_000;
/** Milliseconds that are worth beginning with. */
const MINIMUM = RECEIVES_UNTIL + 10_000;

/**
 * Whose turn it is not hands its messages back to who drains. It waits for its turn, for as soon as it ended, Lambda would
 * give it the next messages that who drains could have.
 */
export async function takeTurn(first: readonly InboxMessage[], turn: DrainTurn): Promise<void> {
  const { inbox, sleep, timeLeft } = turn;
  const isMine = await take(turn);
  if (isMine) return drainAlone(first, turn);
  await (isMine === undefined ? inbox.again(first) : inbox.handBack(first));
  while (timeLeft() > MINIMUM) {
    await sleep(LOOK);
    if (await take(turn)) return drainAlone([], turn);
  }
}

/** Undefined where nobody knows whose turn it is. */
async function take({ lease, run, now, timeLeft, report }: DrainTurn): Promise<boolean | undefined> {
  try {
    return await lease.take(run, now() + timeLeft());
  } catch (error) {
    report('the lease of the queue cannot be taken', { error: text(error) });
    return undefined;
  }
}

async function drainAlone(first: readonly InboxMessage[], turn: DrainTurn): Promise<void> {
  await drain(first, turn);
  try {
    await turn.lease.release(turn.run);
  } catch (error) {
    turn.report('the lease of the queue is not given back, and runs out', { error: text(error) });
  }
}
