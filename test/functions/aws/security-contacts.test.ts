import { describe, expect, it } from 'vitest';
import { securityContacts } from '../../../functions/aws/security-contacts.ts';
import type { StoredContact } from '../../../functions/ports/security-contacts.ts';

const DAY = 24 * 3_600_000;
const named = (name: string) => Object.assign(new Error(name), { name });

/** A store in memory, and a client of Account Management that answers with `answer`. */
function contactsWith(answer: () => unknown) {
  let now = 0;
  let asked = 0;
  const stored = new Map<string, { contact: StoredContact; until: number }>();
  const warnings: string[] = [];
  const send = async () => {
    asked += 1;
    return answer();
  };
  const open = () =>
    securityContacts({
      client: { send } as never,
      store: {
        read: async (account) => {
          const item = stored.get(account);
          return item && item.until > now ? item.contact : undefined;
        },
        put: async (account, contact, until) => void stored.set(account, { contact, until }),
      },
      now: () => now,
      warn: (message) => void warnings.push(message),
    });
  const pass = (ms: number) => {
    now += ms;
  };
  return { open, pass, asked: () => asked, warnings };
}

const CONTACT = { AlternateContact: { EmailAddress: ' sec@example.com ' } };

describe('the security contact of an account', () => {
  it('is read once a week, whichever instance asks', async () => {
    const { open, pass, asked } = contactsWith(() => CONTACT);
    for (let day = 0; day < 7; day++) {
      expect(await open().lookUp('333333333333')).toBe('sec@example.com');
      pass(DAY - 1);
    }
    expect(asked()).toBe(1);
    pass(DAY);
    await open().lookUp('333333333333');
    expect(asked()).toBe(2);
  });

  it('is absent for a week if the account has none', async () => {
    const { open, asked, warnings } = contactsWith(() => {
      throw named('ResourceNotFoundException');
    });
    for (let n = 0; n < 3; n++) expect(await open().lookUp('333333333333')).toBeUndefined();
    expect([asked(), warnings]).toEqual([1, []]);
  });

  it('is absent for a day if Suture may not read it', async () => {
    const { open, pass, asked, warnings } = contactsWith(() => {
      throw named('AccessDeniedException');
    });
    for (let n = 0; n < 3; n++) expect(await open().lookUp('333333333333')).toBeUndefined();
    expect([asked(), warnings.length]).toEqual([1, 1]);
    pass(DAY);
    await open().lookUp('333333333333');
    expect(asked()).toBe(2);
  });

  it('is absent if AWS does not answer, and is read again after five minutes', async () => {
    const { open, pass, asked } = contactsWith(() => {
      throw named('TooManyRequestsException');
    });
    const contacts = open();
    for (let n = 0; n < 3; n++) expect(await contacts.lookUp('333333333333')).toBeUndefined();
    expect(asked()).toBe(1);
    pass(5 * 60_000);
    await contacts.lookUp('333333333333');
    expect(asked()).toBe(2);
  });
});
