/**
 * The security contacts of accounts. Nothing depends on them: after a failure, an account counts as one without a
 * contact.
 */
export type SecurityContacts = {
  /** Returns the mail address. */
  lookUp(account: string): Promise<string | undefined>;
};

export type StoredContact = { readonly mail?: string };

/** Answer of Account Management, for as long as it counts. */
export type ContactStore = {
  /** Returns undefined if nobody asked, or that was too long ago. */
  read(account: string): Promise<StoredContact | undefined>;
  put(account: string, contact: StoredContact, until: number): Promise<void>;
};
