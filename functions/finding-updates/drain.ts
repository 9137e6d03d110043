/**
 * Drains the queue: receives until the queue is empty, and meanwhile calls Security Hub, at once for a full group, and
 * for partial groups when the queue is empty or their oldest finding has waited long enough.
 */
import { errorDescription } from '../contract/errors.ts';
import { type InboxMessage, MAX_BATCH } from '../domain/finding-update.ts';
import { type AcceptDeps, acceptanceOf } from './accept.ts';
import { PendingUpdates, type UpdateCall } from './pending.ts';
import { type MessageResult, messageResults, type SettleDeps, settleUpdates } from './settle.ts';
import { createSignal } from './signal.ts';
import { type FindingUpdateDeps, updateFindings } from './updates.ts';

export type DrainDeps = FindingUpdateDeps & SettleDeps & AcceptDeps;

/** Reserved for the calls after the last receive, and what follows them. */
export const RECEIVE_MARGIN_MS = 45_000;
/** After this many calls that did not update a finding, its messages return to the queue. */
const MAX_RETURNS = 2;
/** With this many unsettled messages, nothing is received. */
const MAX_UNSETTLED = 5_000;
const MAX_RECEIVES = 8;
/** After a receive that emptied the queue, so that the next one returns more than one message. */
const RECEIVE_PAUSE_MS = 100;

const KINDS = { forged: 'forged', outdated: 'refused', unknown: 'retry' } as const;

export const drain = (first: readonly InboxMessage[], deps: DrainDeps): Promise<void> => new Drain(deps).run(first);

class Drain {
  readonly #deps: DrainDeps;
  readonly #pending = new PendingUpdates();
  readonly #settling = new Set<Promise<void>>();
  readonly #arrived = createSignal();
  readonly #called = createSignal();
  #unsettled = 0;
  /** Set if waiting would not fill partial groups. */
  #flush = false;
  #receivesEnded = false;

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  async run(first: readonly InboxMessage[]): Promise<void> {
    await this.#accept(first);
    const receiving = this.#receiveAll()
      .catch((error) => this.#deps.warn('no more messages can be received', { error: errorDescription(error) }))
      .finally(() => {
        this.#receivesEnded = true;
        this.#arrived.notify();
      });
    await Promise.all([receiving, this.#callAll()]);
    await Promise.all(this.#settling);
  }

  async #receiveAll(): Promise<void> {
    let concurrency = 1;
    while (this.#deps.timeLeft() > RECEIVE_MARGIN_MS) {
      if (this.#unsettled >= MAX_UNSETTLED) {
        await this.#awaitRoom();
        continue;
      }
      const counts = await Promise.all(Array.from({ length: concurrency }, () => this.#receive()));
      this.#flush = counts.includes(0);
      const isFull = counts.every((count) => count === MAX_BATCH);
      concurrency = isFull ? Math.min(MAX_RECEIVES, concurrency * 2) : 1;
      if (this.#flush) {
        this.#arrived.notify();
        await this.#called.next();
        if (this.#pending.isEmpty) return;
      } else if (!isFull) await this.#deps.sleep(RECEIVE_PAUSE_MS);
    }
  }

  /**
   * If findings waiting for a full batch use up the budget, flushes partial batches; otherwise awaits unsettled calls.
   */
  async #awaitRoom(): Promise<void> {
    this.#flush = this.#pending.messages > MAX_UNSETTLED / 2;
    this.#arrived.notify();
    await (this.#flush || this.#settling.size === 0 ? this.#called.next() : Promise.race(this.#settling));
  }

  async #receive(): Promise<number> {
    const received = await this.#deps.inbox.receive();
    await this.#accept(received);
    this.#arrived.notify();
    return received.length;
  }

  async #accept(messages: readonly InboxMessage[]): Promise<void> {
    this.#unsettled += messages.length;
    const accepted: InboxMessage[] = [];
    const others: MessageResult[] = [];
    await Promise.all(
      messages.map(async (message) => {
        const acceptance = await acceptanceOf(message, this.#deps);
        if (acceptance.kind === 'accepted') accepted.push(message);
        else others.push({ message, kind: KINDS[acceptance.kind], because: acceptance.because });
      }),
    );
    this.#pending.add(accepted, this.#deps.now());
    this.#settleInBackground(others);
  }

  async #callAll(): Promise<void> {
    while (true) {
      const call = this.#pending.take(this.#deps.now(), { flush: this.#flush || this.#receivesEnded });
      if (call) await this.#call(call);
      else if (this.#receivesEnded) return;
      this.#called.notify();
      if (!call) await this.#arrived.next();
    }
  }

  async #call(call: UpdateCall): Promise<void> {
    const results = await updateFindings(call, this.#deps);
    const returned = results.filter(({ kind, finding }) => kind === 'retry' && finding.returned < MAX_RETURNS);
    this.#pending.returnFindings(
      call.update,
      returned.map(({ finding }) => finding),
    );
    this.#settleInBackground(messageResults(results.filter((result) => !returned.includes(result))));
  }

  #settleInBackground(results: readonly MessageResult[]): void {
    if (results.length === 0) return;
    const settling = settleUpdates(results, this.#deps)
      // Its messages return at their visibility timeout.
      .catch((error) => this.#deps.warn('updates could not be settled', { error: errorDescription(error) }))
      .finally(() => {
        this.#settling.delete(settling);
        this.#unsettled -= results.length;
        this.#called.notify();
      });
    this.#settling.add(settling);
  }
}
