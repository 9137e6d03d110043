/**
 * `status` is Organizations' own term (ACTIVE, SUSPENDED, PENDING_CLOSURE, …), or LEFT; `ouPath` is the path of its
 * organizational units, `/` for an account of the root; `unitIds` are their ids, the root's first. Only people read `name`.
 */
export type OrganizationAccount = {
  readonly id: string;
  readonly name?: string;
  readonly status: string;
  readonly ouPath: string;
  readonly unitIds: readonly string[];
};

/** The only account of a trial. No organization is asked about it. */
export const trialAccount = (id: string): OrganizationAccount => ({
  ...{ id, name: 'trial', status: 'ACTIVE' },
  ...{ ouPath: '/', unitIds: [] },
});

export const STATUS_LEFT = 'LEFT';

/** Beginning of the partition of an account's security contact. */
export const CONTACT = 'contact#';

/** The partition of the ledger with the lists of all accounts and of all units. */
export const ACCOUNT_LISTS = 'accounts';
