import type { OrganizationAccount } from '../domain/account.ts';

export type Directory = {
  /**
   * Returns undefined for an account outside the organization.
   * @throws SutureError Throttled or ServiceUnavailable, so that no decision is made without it
   */
  lookUp(account: string): Promise<OrganizationAccount | undefined>;
};
