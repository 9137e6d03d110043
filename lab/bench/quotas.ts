/** Quotas of AWS as token buckets, for models in virtual time. Rates are calls a second. */

/** BatchUpdateFindings, per account and Region. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html */
export const HUB = { rate: 10, burst: 30 };
/** SendTaskSuccess where it is lowest. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const STATES = { rate: 300, burst: 1500 };

/** `now` in milliseconds. */
export type Bucket = { take(now: number): boolean };

export function bucket(rate: number, burst: number): Bucket {
  let tokens = burst;
  let at = 0;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + ((now - at) / 1000) * rate);
      at = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** What an SDK client throws. */
export const refusal = (name: string) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
