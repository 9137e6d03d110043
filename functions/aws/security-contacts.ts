/**
 * Reads the security contacts of member accounts: once a week for an account whose findings have no other owner.
 * https://docs.aws.amazon.com/accounts/latest/APIReference/API_GetAlternateContact.html
 */
import { type AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { errorDescription, isDenial, isNamed } from '../contract/errors.ts';
import type { Warn } from '../ports/log.ts';
import type { ContactStore, SecurityContacts, StoredContact } from '../ports/security-contacts.ts';

const DAY_MS = 24 * 3_600_000;
const KEPT_MS = 7 * DAY_MS;
/** The time until the next question, if the organization does not let Suture read contacts. */
const DENIED_MS = DAY_MS;
const CACHE_MS = 5 * 60_000;

export type ContactDeps = {
  readonly client: Pick<AccountClient, 'send'>;
  readonly store: ContactStore;
  readonly now: () => number;
  readonly warn: Warn;
};

export function securityContacts({ client, store, now, warn }: ContactDeps): SecurityContacts {
  const cache = new Map<string, { readonly contact: StoredContact; readonly readAt: number }>();

  async function ask(account: string): Promise<StoredContact> {
    try {
      const input = { AccountId: account, AlternateContactType: 'SECURITY' } as const;
      const { AlternateContact } = await client.send(new GetAlternateContactCommand(input));
      const mail = AlternateContact?.EmailAddress?.trim();
      return { ...(mail && { mail }) };
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return {};
      throw error;
    }
  }

  async function find(account: string): Promise<StoredContact> {
    const stored = await store.read(account);
    if (stored) return stored;
    try {
      const contact = await ask(account);
      await store.put(account, contact, now() + KEPT_MS);
      return contact;
    } catch (error) {
      if (!isDenial(error)) throw error;
      warn('the security contact may not be read', { account, error: errorDescription(error) });
      await store.put(account, {}, now() + DENIED_MS);
      return {};
    }
  }

  return {
    async lookUp(account) {
      const cached = cache.get(account);
      if (cached && now() - cached.readAt < CACHE_MS) return cached.contact.mail;
      let contact: StoredContact = {};
      try {
        contact = await find(account);
      } catch (error) {
        warn('the security contact could not be read', { account, error: errorDescription(error) });
      }
      cache.set(account, { contact, readAt: now() });
      return contact.mail;
    },
  };
}
