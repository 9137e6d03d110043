import type { OrganizationAccount } from '../domain/account.ts';
import type { UnitIds } from '../domain/policy-units.ts';

export type Directory = {
  /**
   * Returns undefined for an account outside the organization.
   * @throws SutureError Throttled or ServiceUnavailable, so that no decision is made without it
   */
  lookUp(account: string): Promise<OrganizationAccount | undefined>;
  /** Returns the organizational units of the last listing; undefined if there was none. */
  units(): Promise<UnitIds | undefined>;
};
