/**
 * What the archive lane is compared with: every execution makes its own call, and Step Functions tries again. In virtual
 * time, with the same arrivals and the same quota.
 */
import { randomness } from '../../sandbox/kernel/random.ts';
import type { Arrivals } from './archive-lane.ts';
import { bucket, HUB } from './quotas.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

/** A retrier of the Amazon States Language. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export type Retry = {
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxAttempts: number;
  readonly maxDelaySeconds?: number;
  readonly jitter: 'NONE' | 'FULL';
};

/** What aws-cdk-lib gives a LambdaInvoke. */
export const CDK_DEFAULT: Retry = { intervalSeconds: 2, backoffRate: 2, maxAttempts: 6, jitter: 'NONE' };
/** Loses none of 10,000. A lower cap loses some; a higher one only takes longer. */
export const BEST: Retry = {
  intervalSeconds: 2,
  backoffRate: 2,
  maxAttempts: 20,
  maxDelaySeconds: 300,
  jitter: 'FULL',
};

export type CalledEach = {
  /** Virtual seconds from the first arrival until the last call that was taken. */
  readonly seconds: number;
  /** Calls that Security Hub took or refused; each is an attempt, which Step Functions bills as a state entered. */
  readonly calls: number;
  /** Findings that no execution archived. */
  readonly lost: number;
};

/** Milliseconds that a call takes. */
const LATENCY = 80;

export function oneCallEach(arrivals: Arrivals, retry: Retry): Promise<CalledEach> {
  const time = virtualTime();
  return time.run(() => callEach(arrivals, retry, time));
}

async function callEach(
  { findings, rate, duplicates, unprocessed, share, seed }: Arrivals,
  retry: Retry,
  time: VirtualTime,
): Promise<CalledEach> {
  const { random } = randomness(seed);
  const quota = bucket(HUB.rate * share, HUB.burst * share);
  const archived = new Set<number>();
  let calls = 0;
  let seconds = 0;

  /** False: throttled, or Security Hub gave the finding back. */
  const call = async (finding: number): Promise<boolean> => {
    await time.sleep(LATENCY);
    calls++;
    if (!quota.take(time.now()) || random() < unprocessed) return false;
    archived.add(finding);
    seconds = time.now() / 1000;
    return true;
  };
  const execution = async (finding: number) => {
    await time.sleep((finding / rate) * 1000);
    for (let attempt = 0; !(await call(finding)) && attempt < retry.maxAttempts; attempt++)
      await time.sleep(delayOf(retry, attempt, random) * 1000);
  };
  const executions = Array.from({ length: findings }, (_, n) => (random() < duplicates ? [n, n] : [n])).flat();
  await Promise.all(executions.map(execution));
  return { seconds, calls, lost: findings - archived.size };
}

/** Seconds before the next attempt; the first retry is attempt 0. */
export function delayOf(retry: Retry, attempt: number, random: () => number): number {
  const { intervalSeconds, backoffRate, maxDelaySeconds = Number.POSITIVE_INFINITY, jitter } = retry;
  const delay = Math.min(maxDelaySeconds, intervalSeconds * backoffRate ** attempt);
  return jitter === 'FULL' ? random() * delay : delay;
}
