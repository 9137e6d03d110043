import type { OrganizationAccount } from '../domain/account.ts';

export type StoredAccount = OrganizationAccount & {
  readonly seenAt: number;
};

export type AccountStore = {
  read(id: string): Promise<StoredAccount | undefined>;
  /** Marks accounts of the previous call that are missing as LEFT, and returns their ids. */
  replace(accounts: readonly OrganizationAccount[]): Promise<string[]>;
};
