import type { SuturePolicy } from '../domain/policy.ts';

export type LivePolicy = { readonly version: number; readonly deployment: number; readonly content: unknown };

export type PolicyDeployments = {
  /** Returns the policy that functions read now; undefined if none was ever deployed. */
  live(): Promise<LivePolicy | undefined>;
  /** Returns undefined if there is no such version. `digest` is of the version's bytes. */
  version(version: number): Promise<{ readonly content: unknown; readonly digest: string } | undefined>;
  /** @param after the latest version that was read */
  add(
    policy: SuturePolicy,
    after: number | null,
  ): Promise<{ readonly kind: 'added'; readonly version: number } | { readonly kind: 'outdated' }>;
  /** @param by who asked for it, and who approved it; kept with the deployment */
  deploy(
    version: number,
    by: string,
  ): Promise<
    | { readonly kind: 'started'; readonly deployment: number }
    | { readonly kind: 'busy' }
    /** By the validator. */
    | { readonly kind: 'invalid'; readonly because: string }
  >;
};
