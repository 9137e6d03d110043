/**
 * Drains the queue: receives as long as messages come, and calls Security Hub meanwhile, for a full group at once, for the
 * others when nothing comes any more or their oldest has waited for long enough.
 */
import { text } from '../contract/errors.ts';
import { MOST } from './inbox.ts';
import type { InboxMessage } from './message.ts';
import { Pending } from './pending.ts';
import { type Settling, settle } from './settle.ts';
import { signal } from './signal.ts';
import { makeCall, type SecurityHubPort, type UpdateResult } from './updates.ts';

export type Drain = SecurityHubPort & Settling;

/** Milliseconds that calls and what follows them need after the last message was received. */
export const RECEIVES_UNTIL = 45_000;
/** Times that a finding joins another call after Security Hub could not take it; then it comes again later. */
const MOST_RETURNS = 2;
/** Messages under way: beyond these none are received. */
const MOST_UNSETTLED = 5_000;
/** Receives at once, where each brings as many as it can. */
const MOST_AT_ONCE = 8;
/** Milliseconds until the next receive, where the last one took all there was: so it brings more than one. */
const BREATH = 100;

/** Ends when the queue was empty for a second, or time runs out. */
export async function drain(first: readonly InboxMessage[], tools: Drain): Promise<void> {
  const pending = new Pending();
  const settling = new Set<Promise<void>>();
  const arrived = signal();
  const called = signal();
  let unsettled = 0;
  /** No group gets fuller by waiting: nothing comes for the moment, or no more is received. */
  let quiet = false;
  let over = false;

  function add(messages: readonly InboxMessage[]): void {
    unsettled += messages.length;
    pending.add(messages, tools.now());
  }

  async function receive(): Promise<number> {
    const received = await tools.inbox.receive();
    add(received);
    arrived.tell();
    return received.length;
  }

  async function receiveAll(): Promise<void> {
    let atOnce = 1;
    while (tools.timeLeft() > RECEIVES_UNTIL) {
      if (unsettled >= MOST_UNSETTLED) {
        // Smaller calls make room where what waits for a full one takes it up; else it is taken up by what is being settled.
        quiet = pending.messages > MOST_UNSETTLED / 2;
        arrived.tell();
        await (quiet || settling.size === 0 ? called.next() : Promise.race(settling));
        continue;
      }
      const counts = await Promise.all(Array.from({ length: atOnce }, receive));
      quiet = counts.includes(0);
      const full = counts.every((count) => count === MOST);
      atOnce = full ? Math.min(MOST_AT_ONCE, atOnce * 2) : 1;
      if (quiet) {
        arrived.tell();
        await called.next();
        if (pending.isEmpty) return;
      } else if (!full) await tools.sleep(BREATH);
    }
  }

  async function callAll(): Promise<void> {
    while (true) {
      const call = pending.take(tools.now(), quiet || over);
      if (call) {
        const results = await makeCall(call, tools);
        const back = results.filter(({ kind, finding }) => kind === 'again' && finding.returned < MOST_RETURNS);
        pending.giveBack(
          call.update,
          back.map(({ finding }) => finding),
        );
        settleMeanwhile(results.filter((result) => !back.includes(result)));
      } else if (over) return;
      called.tell();
      if (!call) await arrived.next();
    }
  }

  function settleMeanwhile(results: readonly UpdateResult[]): void {
    const work = settle(results, tools)
      // Its messages come again, when the time is over for which they are hidden.
      .catch((error) => tools.report('what follows a call broke off', { error: text(error) }))
      .finally(() => {
        settling.delete(work);
        unsettled -= results.reduce((sum, { finding }) => sum + finding.messages.length, 0);
        called.tell();
      });
    settling.add(work);
  }

  add(first);
  const receiving = receiveAll()
    .catch((error) => tools.report('no more messages can be received', { error: text(error) }))
    .finally(() => {
      over = true;
      arrived.tell();
    });
  await Promise.all([receiving, callAll()]);
  await Promise.all(settling);
}
