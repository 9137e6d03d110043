import type { OrganizationAccount } from '../domain/account.ts';

/** Whether an account belongs to the organization, and to which unit. */
export type Directory = {
  /**
   * Undefined for an account outside the organization.
   * @throws SutureError Throttled or ServiceUnavailable, so that no decision is made without it
   */
  lookUp(account: string): Promise<OrganizationAccount | undefined>;
};
