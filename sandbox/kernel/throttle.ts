/** Token buckets for the documented quotas: one for each operation, account and Region. */
import { AwsError } from './aws-error.ts';
import type { AwsPlace } from './place.ts';
import type { CallQuota, Kernel, Service } from './service.ts';
import { throttlingOf } from './service-facts.ts';

type Bucket = { tokens: number; at: number };
const buckets = new WeakMap<Kernel, Map<string, Bucket>>();

export const refillBuckets = (kernel: Kernel): void => void buckets.delete(kernel);

/** @throws AwsError the service's throttling error if the bucket is empty */
export function takeToken(
  kernel: Kernel,
  service: Service,
  operation: string,
  { account, region }: AwsPlace,
  { rate, burst }: CallQuota,
): void {
  const all = buckets.get(kernel) ?? new Map<string, Bucket>();
  buckets.set(kernel, all);
  const key = `${service.name} ${operation} ${account} ${region}`;
  const now = kernel.clock.now();
  const bucket = all.get(key) ?? { tokens: burst, at: now };
  // Tests set the clock back to create old resources.
  const seconds = Math.max(0, now - bucket.at) / 1000;
  bucket.tokens = Math.min(burst, bucket.tokens + seconds * rate);
  bucket.at = now;
  all.set(key, bucket);
  if (bucket.tokens < 1) {
    const { code, message = '', status } = throttlingOf(service);
    throw new AwsError(code, message, status);
  }
  bucket.tokens -= 1;
}
