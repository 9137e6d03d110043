/** AWS's quotas as token buckets, for models in virtual time. */

/** Calls a second, and the number of calls after a pause. */
export type TokenBucketQuota = { readonly rate: number; readonly burst: number };

/** Per account and Region. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html */
export const BATCH_UPDATE_FINDINGS_QUOTA: TokenBucketQuota = { rate: 10, burst: 30 };
/** In the Regions where it is lowest. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const SEND_TASK_SUCCESS_QUOTA: TokenBucketQuota = { rate: 300, burst: 1500 };

/** Returns the part of a quota that is left when other callers use the rest. */
export const shareOf = ({ rate, burst }: TokenBucketQuota, share: number): TokenBucketQuota => ({
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

  /** Returns false if the call is throttled. */
  take(nowMs: number): boolean {
    const { rate, burst } = this.#quota;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * rate);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Returns an error as an SDK client throws it. */
export const clientError = (name: string): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
