/**
 * The directory: reads an account from the ledger, which the directory function fills, and asks Organizations if the
 * ledger has nothing recent. It fails closed: an account that cannot be looked up stops the decision.
 */
import type { OrganizationsClient } from '@aws-sdk/client-organizations';
import { errorDescription, SutureError, toSutureError } from '../contract/errors.ts';
import { type OrganizationAccount, STATUS_LEFT, trialAccount } from '../domain/account.ts';
import type { UnitIds } from '../domain/policy-units.ts';
import type { AccountStore } from '../ports/accounts.ts';
import type { Directory } from '../ports/directory.ts';
import { describeAccount } from './organization.ts';

const CACHE_MS = 5 * 60_000;
/** Beyond this age the ledger's entry is stale, because the directory function did not run. */
const STALE_MS = 24 * 3_600_000;

export type DirectoryOptions = {
  readonly accounts: AccountStore;
  readonly organizations: OrganizationsClient;
  readonly now: () => number;
};

/** Returns the directory of the organization, or of the one account of a trial (`TRIAL_ACCOUNT`). */
export const directoryOf = (options: DirectoryOptions): Directory =>
  process.env.TRIAL_ACCOUNT ? trialDirectory(process.env.TRIAL_ACCOUNT) : createDirectory(options);

const trialDirectory = (own: string): Directory => ({
  units: async () => ({}),
  lookUp: async (id) => (id === own ? trialAccount(own) : undefined),
});

export function createDirectory({ accounts, organizations, now }: DirectoryOptions): Directory {
  let units: { list: UnitIds | undefined; readAt: number } | undefined;
  const cache = new Map<string, { account: OrganizationAccount | undefined; readAt: number }>();

  async function find(id: string): Promise<OrganizationAccount | undefined> {
    const stored = await accounts.read(id);
    if (stored && now() - stored.seenAt < STALE_MS) return stored.status === STATUS_LEFT ? undefined : stored;
    return describeAccount(organizations, id);
  }

  return {
    async units() {
      if (!units || now() - units.readAt >= CACHE_MS) units = { list: await accounts.units(), readAt: now() };
      return units.list;
    },
    async lookUp(id) {
      const cached = cache.get(id);
      if (cached && now() - cached.readAt < CACHE_MS) return cached.account;
      try {
        const account = await find(id);
        cache.set(id, { account, readAt: now() });
        return account;
      } catch (error) {
        throw unavailableError(error, id);
      }
    },
  };
}

function unavailableError(error: unknown, id: string): unknown {
  const named = toSutureError(error, `the look-up of account ${id}`);
  if (named instanceof SutureError) return named;
  return new SutureError(
    'ServiceUnavailable',
    `Account ${id} could not be looked up: ${errorDescription(error)}. Is the security account a delegated administrator of Organizations?`,
    { cause: error },
  );
}
