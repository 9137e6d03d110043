/**
 * `status` is Organizations' own term (ACTIVE, SUSPENDED, PENDING_CLOSURE, …), or LEFT; `ouPath` is the path of its
 * organizational units, `/` for an account of the root.
 */
export type OrganizationAccount = { readonly id: string; readonly status: string; readonly ouPath: string };

export const STATUS_LEFT = 'LEFT';
