import type { SuturePolicy } from '../domain/policy.ts';

export type PolicyDeployments = {
  /** @param after the latest version that was read */
  add(
    policy: SuturePolicy,
    after: number | null,
  ): Promise<{ readonly kind: 'added'; readonly version: number } | { readonly kind: 'outdated' }>;
  /** @param by who asked for it; kept with the deployment */
  deploy(
    version: number,
    by: string,
  ): Promise<
    | { readonly kind: 'started'; readonly deployment: number }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'busy' }
    /** By the validator. */
    | { readonly kind: 'invalid'; readonly because: string }
  >;
};
