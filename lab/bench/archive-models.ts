/** Models of the services around the function that archives findings, in virtual time. */
import { retryDelaySeconds } from '../../functions/aws/sqs-inbox.ts';
import {
  type FindingUpdate,
  type InboxMessage,
  MAX_BATCH,
  MAX_FINDINGS,
} from '../../functions/domain/finding-update.ts';
import type { QueueMessage } from '../../functions/domain/job.ts';
import type { Inbox } from '../../functions/ports/inbox.ts';
import type { RunLease } from '../../functions/ports/run-lease.ts';
import type { FindingIdentifier, SecurityHub, UnprocessedFinding } from '../../functions/ports/security-hub.ts';
import type { TaskTokens } from '../../functions/ports/task-tokens.ts';
import { archivedJob } from './archived-job.ts';
import type { Arrivals } from './arrivals.ts';
import {
  BATCH_UPDATE_FINDINGS_QUOTA,
  clientError,
  quotaShare,
  SEND_TASK_SUCCESS_QUOTA,
  TokenBucket,
} from './quotas.ts';
import type { VirtualTime } from './virtual-time.ts';

export const LATENCY_MS = { securityHub: 80, stepFunctions: 30, ledger: 10, events: 15, queue: 15 };
/** Interval of arrivals, and of polls of the queue. */
export const TICK_MS = 20;
const POLL_MS = 1_000;
const REPORT_NOTE = 'Suture, ec2/close-admin-ports: fixed and verified';

export class ModelQueue {
  readonly unfinished = new Set<string>();
  readonly findings = new Set<string>();
  /** Findings with their notes, because several messages may want different notes for one finding. */
  readonly updates = new Set<string>();
  readonly notes = new Set<string | undefined>();
  readonly tokens = new Set<string>();
  readonly drainingRuns = new Set<string>();
  finishedMs = 0;
  readonly lastArrivalMs: number;
  readonly #arrivals: Arrivals;
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #receives = new Map<string, number>();
  readonly #arriving: readonly (readonly InboxMessage[])[];
  #visible: InboxMessage[] = [];

  constructor(arrivals: Arrivals, time: VirtualTime, random: () => number) {
    this.#arrivals = arrivals;
    this.#time = time;
    this.#random = random;
    this.#arriving = Array.from({ length: arrivals.findings }, (_, n) =>
      random() < arrivals.duplicates ? [this.#message(n, 0), this.#message(n, 1)] : [this.#message(n, 0)],
    );
    this.lastArrivalMs = ((arrivals.findings - this.#findingsEachTick) / arrivals.rate) * 1000;
  }

  get #findingsEachTick(): number {
    return Math.ceil((this.#arrivals.rate * TICK_MS) / 1000);
  }

  async receiveArrivals(): Promise<void> {
    const step = this.#findingsEachTick;
    for (let n = 0; n < this.#arriving.length; n += step) {
      this.#visible.push(...this.#arriving.slice(n, n + step).flat());
      await this.#time.sleep((step / this.#arrivals.rate) * 1000);
    }
  }

  take(max: number): InboxMessage[] {
    const messages = this.#visible.slice(0, max);
    this.#visible = this.#visible.slice(max);
    for (const { id } of messages) this.#receives.set(id, (this.#receives.get(id) ?? 0) + 1);
    return messages;
  }

  inboxOf(run: string): Inbox {
    return {
      receive: () => this.#poll(),
      done: (messages) => this.#finish(messages, run),
      retry: async (messages) => {
        for (const message of messages)
          void this.#showAfter(retryDelaySeconds(this.#receives.get(message.id)!), message);
      },
      release: async (messages) => {
        await this.#time.sleep(LATENCY_MS.queue);
        for (const message of messages) void this.#showAfter(0, message);
      },
    };
  }

  async #poll(): Promise<InboxMessage[]> {
    await this.#time.sleep(LATENCY_MS.queue);
    const until = this.#time.now() + POLL_MS;
    while (this.#visible.length === 0 && this.#time.now() < until) await this.#time.sleep(TICK_MS);
    return this.take(MAX_BATCH);
  }

  async #finish(messages: readonly InboxMessage[], run: string): Promise<void> {
    await this.#time.sleep(LATENCY_MS.queue);
    for (const { id } of messages) this.unfinished.delete(id);
    this.finishedMs = this.#time.now();
    if (messages.length > 0) this.drainingRuns.add(run);
  }

  async #showAfter(seconds: number, message: InboxMessage): Promise<void> {
    await this.#time.sleep(seconds * 1000);
    this.#visible.push(message);
  }

  #message(n: number, copy: number): InboxMessage {
    const job = archivedJob(n, n % this.#arrivals.notes);
    const token = `${n}-${copy}`.padEnd(700, 'A');
    const body: QueueMessage =
      this.#random() < this.#arrivals.reports
        ? { v: 3, kind: 'notify', job, note: REPORT_NOTE }
        : { v: 3, kind: 'archive', token, job };
    const message: InboxMessage = { id: `${n}-${copy}`, body, sender: body.kind === 'archive' ? 'workflow' : 'report' };
    const note = 'note' in body ? body.note : job.note;
    this.unfinished.add(message.id);
    this.notes.add(note);
    this.updates.add(`${job.finding.id} ${note}`);
    this.findings.add(job.finding.id);
    if (body.kind === 'archive') this.tokens.add(token);
    return message;
  }
}

export class ModelLease implements RunLease {
  readonly #time: VirtualTime;
  #holder: { readonly run: string; readonly untilMs: number } | undefined;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  async take(run: string, untilMs: number): Promise<boolean> {
    await this.#time.sleep(LATENCY_MS.ledger);
    const isFree = !this.#holder || this.#holder.run === run || this.#holder.untilMs <= this.#time.now();
    if (isFree) this.#holder = { run, untilMs };
    return isFree;
  }

  async release(run: string): Promise<void> {
    await this.#time.sleep(LATENCY_MS.ledger);
    if (this.#holder?.run === run) this.#holder = undefined;
  }
}

export class ModelSecurityHub implements SecurityHub {
  readonly updated = new Set<string>();
  calls = 0;
  throttled = 0;
  unprocessed = 0;
  repeatedCalls = 0;
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #unprocessedShare: number;
  readonly #bucket: TokenBucket;
  readonly #unprocessedIds = new Set<string>();

  constructor({ share, unprocessed }: Arrivals, time: VirtualTime, random: () => number) {
    this.#time = time;
    this.#random = random;
    this.#unprocessedShare = unprocessed;
    this.#bucket = new TokenBucket(quotaShare(BATCH_UPDATE_FINDINGS_QUOTA, share));
  }

  async update(_update: FindingUpdate, findings: readonly FindingIdentifier[]): Promise<UnprocessedFinding[]> {
    await this.#time.sleep(LATENCY_MS.securityHub);
    if (!this.#bucket.take(this.#time.now())) {
      this.throttled += 1;
      throw clientError('TooManyRequestsException');
    }
    this.calls += 1;
    const ids = findings.map(({ id }) => id);
    if (new Set(ids).size < ids.length || ids.length > MAX_FINDINGS) throw clientError('InvalidInputException');
    if (ids.every((id) => this.#unprocessedIds.has(id))) this.repeatedCalls += 1;
    const unprocessed = findings.filter((finding) => !this.#updateOne(finding));
    this.unprocessed += unprocessed.length;
    return unprocessed.map((finding) => ({ ...finding, code: 'ConcurrentUpdateError', because: '' }));
  }

  /** Returns false during another update of the finding. */
  #updateOne({ id }: FindingIdentifier): boolean {
    const isUpdated = this.#random() >= this.#unprocessedShare;
    (isUpdated ? this.updated : this.#unprocessedIds).add(id);
    return isUpdated;
  }
}

export class ModelTaskTokens implements TaskTokens {
  readonly answered = new Set<string>();
  readonly #time: VirtualTime;
  readonly #bucket = new TokenBucket(SEND_TASK_SUCCESS_QUOTA);

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  async succeed(token: string): Promise<void> {
    await this.#time.sleep(LATENCY_MS.stepFunctions);
    if (!this.#bucket.take(this.#time.now())) throw clientError('ThrottlingException');
    this.answered.add(token);
  }

  fail(token: string): Promise<void> {
    return this.succeed(token);
  }
}
