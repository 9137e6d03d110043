/** Token buckets for the documented quotas: one per operation, account and Region, on the sandbox's clock. */
import { AwsError, type AwsPlace, type Kernel, type Service, type ServiceOperation } from './kernel.ts';

type Bucket = { tokens: number; at: number };
const buckets = new WeakMap<Kernel, Map<string, Bucket>>();

/** Fills every bucket again. */
export const refill = (kernel: Kernel): void => void buckets.delete(kernel);

export function takeToken(
  kernel: Kernel,
  { name }: Service,
  operation: string,
  { account, region }: AwsPlace,
  { rate, burst, error }: NonNullable<ServiceOperation<any, any, any>['quota']>,
): void {
  const all = buckets.get(kernel) ?? new Map<string, Bucket>();
  buckets.set(kernel, all);
  const key = `${name} ${operation} ${account} ${region}`;
  const now = kernel.clock.now();
  const bucket = all.get(key) ?? { tokens: burst, at: now };
  // The clock can be set back, for what must be old.
  const seconds = Math.max(0, now - bucket.at) / 1000;
  bucket.tokens = Math.min(burst, bucket.tokens + seconds * rate);
  bucket.at = now;
  all.set(key, bucket);
  if (bucket.tokens < 1)
    throw new AwsError(
      error,
      error === 'RequestLimitExceeded' ? 'Request limit exceeded.' : 'Rate exceeded',
      error === 'RequestLimitExceeded' ? 503 : 429,
    );
  bucket.tokens -= 1;
}
