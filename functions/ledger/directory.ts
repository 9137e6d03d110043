/**
 * Whether an account belongs to the organization, and where: from the ledger, which the directory function keeps; by one
 * look-up where the ledger has nothing or nothing recent. An account that cannot be looked up stops the decision: it fails closed.
 */
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { type Account, oneAccount } from '../aws/organization.ts';
import { SutureError, text, toSutureError } from '../contract/errors.ts';
import { type Accounts, dynamoAccounts, LEFT } from './accounts.ts';
import { dynamoDb } from './dynamodb.ts';

/** Milliseconds for which an instance takes what it has read for current. */
const FRESH = 5 * 60_000;
/** Milliseconds after which the ledger's word is not taken any more: the directory function has not run for so long. */
const STALE = 24 * 3_600_000;

export type Directory = {
  /** Undefined for an account outside the organization. @throws SutureError Throttled or ServiceUnavailable */
  lookUp(account: string): Promise<Account | undefined>;
};

export type DirectoryOptions = {
  readonly accounts: Accounts;
  readonly organizations: OrganizationsClient;
  readonly now: () => number;
};

/** The directory of this ledger. */
export const directoryIn = (table: string): Directory =>
  directory({
    accounts: dynamoAccounts(table, dynamoDb()),
    organizations: new OrganizationsClient({ maxAttempts: 3 }),
    now: Date.now,
  });

export function directory({ accounts, organizations, now }: DirectoryOptions): Directory {
  const known = new Map<string, { account: Account | undefined; readAt: number }>();

  async function find(id: string): Promise<Account | undefined> {
    const seen = await accounts.read(id);
    if (seen && now() - seen.seenAt < STALE) return seen.status === LEFT ? undefined : seen;
    return oneAccount(organizations, id);
  }

  return {
    async lookUp(id) {
      const last = known.get(id);
      if (last && now() - last.readAt < FRESH) return last.account;
      try {
        const account = await find(id);
        known.set(id, { account, readAt: now() });
        return account;
      } catch (error) {
        throw unavailable(error, id);
      }
    },
  };
}

function unavailable(error: unknown, id: string): unknown {
  const named = toSutureError(error, `the look-up of account ${id}`);
  if (named instanceof SutureError) return named;
  return new SutureError(
    'ServiceUnavailable',
    `Account ${id} could not be looked up: ${text(error)}. Is the security account a delegated administrator of Organizations?`,
    { cause: error },
  );
}
