/** Still failing: every day, findings that Suture fixed and that fail all the same are dealt with again, twice at most. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoReopenings } from '../ledger/reopenings.ts';
import { reconcile } from './reconcile.ts';

/** More than other functions' clients: nobody waits for it, and its next run is a day away. */
const securityHub = new SecurityHubClient({ maxAttempts: 8 });
const dynamo = new DynamoDBClient({ maxAttempts: 8 });
const sqs = new SQSClient({ maxAttempts: 3 });

export const handler = async (): Promise<void> => {
  const { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'EVENT_BUS',
    'FINDING_UPDATES_QUEUE_URL',
  );
  const counts = await reconcile({
    securityHub,
    queries: ledgerQueries(LEDGER_TABLE, dynamo),
    reopenings: dynamoReopenings(LEDGER_TABLE, dynamo),
    send: (message) =>
      sqs.send(new SendMessageCommand({ QueueUrl: FINDING_UPDATES_QUEUE_URL, MessageBody: JSON.stringify(message) })),
    publish: publisher(EVENT_BUS),
    sleep: setTimeout,
    now: Date.now,
  });
  logger.info('looked for findings that still fail', { counts });
  metrics.addMetric('Reopened', 'Count', counts.reopened);
  metrics.addMetric('GivenUp', 'Count', counts.givenUp);
  metrics.publishStoredMetrics();
};
