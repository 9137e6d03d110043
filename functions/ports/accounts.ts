import type { OrganizationAccount } from '../domain/account.ts';

export type StoredAccount = OrganizationAccount & {
  /** Milliseconds since 1970. */
  readonly seenAt: number;
};

/** The accounts of the organization, as the ledger keeps them. */
export type AccountStore = {
  read(id: string): Promise<StoredAccount | undefined>;
  /** Writes these accounts, and marks as LEFT those of the last time that are not among them. Returns the ids of those. */
  replace(accounts: readonly OrganizationAccount[]): Promise<string[]>;
};
