export type PolicyGrant = {
  readonly version: number;
  /** SHA-256 of the policy's bytes, in hexadecimal digits. */
  readonly digest: string;
  readonly by: string;
};

/** The permission to deploy one policy, without which the validator refuses it. Only one is in force at a time. */
export type PolicyGrants = {
  /** Returns undefined if another grant is in force, otherwise a function that ends this one. */
  take(grant: PolicyGrant): Promise<(() => Promise<void>) | undefined>;
  current(): Promise<PolicyGrant | undefined>;
};
