import type { OrganizationAccount } from '../domain/account.ts';
import type { UnitIds } from '../domain/policy-units.ts';

export type StoredAccount = OrganizationAccount & {
  readonly seenAt: number;
};

export type AccountStore = {
  read(id: string): Promise<StoredAccount | undefined>;
  /** Marks accounts of the previous call that are missing as LEFT, and returns their ids. */
  replace(accounts: readonly OrganizationAccount[], units: UnitIds): Promise<string[]>;
  /** Returns the ids of all accounts of the last listing; none if there was none. */
  ids(): Promise<string[]>;
  /** Returns the units of the last listing; undefined if there was none. */
  units(): Promise<UnitIds | undefined>;
  /** Stores the accounts that the installation leaves alone whatever policy says, for people's commands. */
  replaceExcluded(ids: readonly string[]): Promise<void>;
  /** Returns undefined if none were stored yet. */
  excluded(): Promise<readonly string[] | undefined>;
};
