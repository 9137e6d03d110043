/** The directory: every hour, writes all accounts of the organization with their status and unit to the ledger. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { listAccounts } from '../aws/organization.ts';
import { SutureError } from '../contract/errors.ts';
import { trialAccount } from '../domain/account.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';

/**
 * More attempts than other functions: nobody waits for this one, and its next run is an hour away. The adaptive mode slows
 * down to what Organizations lets through.
 */
const organizations = new OrganizationsClient({ maxAttempts: 8, retryMode: 'adaptive' });
const dynamo = new DynamoDBClient({ maxAttempts: 8 });
const PAUSE_MS = 200;

export const handler = async (): Promise<void> => {
  const { LEDGER_TABLE, SECURITY_ACCOUNT } = environment('LEDGER_TABLE', 'SECURITY_ACCOUNT');
  const { accounts, units } = process.env.TRIAL_ACCOUNT
    ? { accounts: [trialAccount(process.env.TRIAL_ACCOUNT)], units: {} }
    : await listAccounts(organizations, () => setTimeout(PAUSE_MS));
  if (!accounts.some(({ id }) => id === SECURITY_ACCOUNT))
    throw new SutureError(
      'ServiceUnavailable',
      `Organizations answered ${accounts.length} accounts without our own ${SECURITY_ACCOUNT}. The ledger keeps its list.`,
    );
  const store = dynamoAccounts(LEDGER_TABLE, dynamo);
  const left = await store.replace(accounts, units);
  await store.replaceExcluded((process.env.EXCLUDED_ACCOUNTS ?? '').split(',').filter(Boolean));
  logger.info('accounts written to the ledger', { count: accounts.length, left });
  metrics.addMetric('Accounts', 'Count', accounts.length);
  metrics.publishStoredMetrics();
};
