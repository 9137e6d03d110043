/** Recurring findings: every day, reopens findings that Suture fixed and whose control still fails, twice at most. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { notifiedFindings } from '../aws/security-hub.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoReopenings } from '../ledger/reopenings.ts';
import { reconcile } from './reconcile.ts';

/** More attempts than other functions: nobody waits for this one, and its next run is a day away. */
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
    notifiedFindings: notifiedFindings(securityHub, { sleep: setTimeout }),
    queries: ledgerQueries(LEDGER_TABLE, dynamo),
    reopenings: dynamoReopenings(LEDGER_TABLE, dynamo),
    send: (message) =>
      sqs.send(new SendMessageCommand({ QueueUrl: FINDING_UPDATES_QUEUE_URL, MessageBody: JSON.stringify(message) })),
    publish: publisher(EVENT_BUS),
    now: Date.now,
  });
  logger.info('recurring findings reconciled', { counts });
  metrics.addMetric('Reopened', 'Count', counts.reopened);
  metrics.addMetric('GivenUp', 'Count', counts.givenUp);
  metrics.publishStoredMetrics();
};
