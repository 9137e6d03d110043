/** The state of the organization's accounts. An account that cannot be looked up stops the decision: it fails closed. */
import { DescribeAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { clause, isNamed, SutureError, toSutureError } from '../contract/errors.ts';

/** Milliseconds for which an account's state is taken for current. */
const FRESH = 5 * 60_000;

export type Directory = {
  /** 'ACTIVE', 'SUSPENDED', …; undefined for an account outside the organization. */
  statusOf(account: string): Promise<string | undefined>;
};

export function directory(client = new OrganizationsClient({ maxAttempts: 3 })): Directory {
  const known = new Map<string, { status: string | undefined; readAt: number }>();
  return {
    async statusOf(account) {
      const seen = known.get(account);
      if (seen && Date.now() - seen.readAt < FRESH) return seen.status;
      const status = await look(client, account);
      known.set(account, { status, readAt: Date.now() });
      return status;
    },
  };
}

async function look(client: OrganizationsClient, account: string): Promise<string | undefined> {
  try {
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: account }));
    return Account?.State ?? Account?.Status;
  } catch (error) {
    if (isNamed(error, 'AccountNotFoundException', 'InvalidInputException')) return undefined;
    const named = toSutureError(error, `DescribeAccount of ${account}`);
    if (named instanceof SutureError) throw named;
    throw new SutureError(
      'ServiceUnavailable',
      `Account ${account} could not be looked up: ${clause(error)}. Is the security account a delegated administrator of Organizations?`,
      { cause: error },
    );
  }
}
