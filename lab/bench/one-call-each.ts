/**
 * The comparison for the archive lane: every execution makes its own call of BatchUpdateFindings, and Step Functions
 * retries. In virtual time, with the same arrivals and the same quota.
 */
import { randomness } from '../../sandbox/kernel/random.ts';
import type { Arrivals } from './arrivals.ts';
import { BATCH_UPDATE_FINDINGS_QUOTA, quotaShare, TokenBucket } from './quotas.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export type Retry = {
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxAttempts: number;
  readonly maxDelaySeconds?: number;
  readonly jitter: 'NONE' | 'FULL';
};

export const CDK_DEFAULT_RETRY: Retry = { intervalSeconds: 2, backoffRate: 2, maxAttempts: 6, jitter: 'NONE' };
/** Loses none of 10,000 findings. A lower `maxDelaySeconds` loses some; a higher one only takes longer. */
export const BEST_RETRY: Retry = {
  intervalSeconds: 2,
  backoffRate: 2,
  maxAttempts: 20,
  maxDelaySeconds: 300,
  jitter: 'FULL',
};

export type OneCallEachResult = {
  readonly seconds: number;
  /** Includes throttled calls; Step Functions bills each attempt as a state transition. */
  readonly calls: number;
  readonly lost: number;
};

const CALL_MS = 80;

export function oneCallEach(arrivals: Arrivals, retry: Retry): Promise<OneCallEachResult> {
  const time = virtualTime();
  return time.run(() => new OneCallEachModel(arrivals, retry, time).run());
}

class OneCallEachModel {
  readonly #arrivals: Arrivals;
  readonly #retry: Retry;
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #bucket: TokenBucket;
  readonly #archived = new Set<number>();
  #calls = 0;
  #seconds = 0;

  constructor(arrivals: Arrivals, retry: Retry, time: VirtualTime) {
    this.#arrivals = arrivals;
    this.#retry = retry;
    this.#time = time;
    this.#random = randomness(arrivals.seed).random;
    this.#bucket = new TokenBucket(quotaShare(BATCH_UPDATE_FINDINGS_QUOTA, arrivals.share));
  }

  async run(): Promise<OneCallEachResult> {
    const { findings, duplicates } = this.#arrivals;
    const executions = Array.from({ length: findings }, (_, n) => (this.#random() < duplicates ? [n, n] : [n])).flat();
    await Promise.all(executions.map((finding) => this.#execute(finding)));
    return { seconds: this.#seconds, calls: this.#calls, lost: findings - this.#archived.size };
  }

  async #execute(finding: number): Promise<void> {
    const { rate } = this.#arrivals;
    await this.#time.sleep((finding / rate) * 1000);
    for (let attempt = 0; !(await this.#call(finding)) && attempt < this.#retry.maxAttempts; attempt++)
      await this.#time.sleep(delaySeconds(this.#retry, attempt, this.#random) * 1000);
  }

  /** Returns false if the call is throttled or Security Hub can't process the finding. */
  async #call(finding: number): Promise<boolean> {
    await this.#time.sleep(CALL_MS);
    this.#calls++;
    if (!this.#bucket.take(this.#time.now()) || this.#random() < this.#arrivals.unprocessed) return false;
    this.#archived.add(finding);
    this.#seconds = this.#time.now() / 1000;
    return true;
  }
}

/** @param attempt 0 for the first retry */
export function delaySeconds(retry: Retry, attempt: number, random: () => number): number {
  const { intervalSeconds, backoffRate, maxDelaySeconds = Number.POSITIVE_INFINITY, jitter } = retry;
  const delay = Math.min(maxDelaySeconds, intervalSeconds * backoffRate ** attempt);
  return jitter === 'FULL' ? random() * delay : delay;
}
