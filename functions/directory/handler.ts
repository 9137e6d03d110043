/** The directory: every hour, all accounts of the organization with their state and units go into the ledger. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { allAccounts } from '../aws/organization.ts';
import { SutureError } from '../contract/errors.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';

/** More than other functions' clients: nobody waits for it, and its next run is an hour away. */
const organizations = new OrganizationsClient({ maxAttempts: 8 });
const dynamo = new DynamoDBClient({ maxAttempts: 8 });
/** Milliseconds before each unit's lists. */
const PAUSE = 200;

export const handler = async (): Promise<void> => {
  const { LEDGER_TABLE, SECURITY_ACCOUNT } = environment('LEDGER_TABLE', 'SECURITY_ACCOUNT');
  const accounts = await allAccounts(organizations, () => setTimeout(PAUSE));
  if (!accounts.some(({ id }) => id === SECURITY_ACCOUNT))
    throw new SutureError(
      'ServiceUnavailable',
      `Organizations answered ${accounts.length} accounts, and not our own ${SECURITY_ACCOUNT} among them; the ledger keeps what it had.`,
    );
  const left = await dynamoAccounts(LEDGER_TABLE, dynamo).replace(accounts);
  logger.info('accounts are in the ledger', { count: accounts.length, left });
  metrics.addMetric('Accounts', 'Count', accounts.length);
  metrics.publishStoredMetrics();
};
