/** Token buckets for models in virtual time. */

/** Calls a second, and calls after a pause. */
export type TokenBucketQuota = { readonly rate: number; readonly burst: number };

/**
 * For each account and Region. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
 */
export const BATCH_UPDATE_FINDINGS_QUOTA: TokenBucketQuota = { rate: 10, burst: 30 };
/** In the Regions with the lowest quota. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const SEND_TASK_SUCCESS_QUOTA: TokenBucketQuota = { rate: 300, burst: 1500 };

export const quotaShare = ({ rate, burst }: TokenBucketQuota, share: number): TokenBucketQuota => ({
  rate: rate * share,
  burst: burst * share,
});

export class TokenBucket {
  readonly #quota: TokenBucketQuota;
  #tokens: number;
  #filledAtMs = 0;

  constructor(quota: TokenBucketQuota) {
    this.#quota = quota;
    this.#tokens = quota.burst;
  }

  take(nowMs: number): boolean {
    const { rate, burst } = this.#quota;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * rate);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

export const clientError = (name: string): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
