/**
 * Recurring findings: every day, reopens findings that Suture fixed and whose control still fails, twice at most, and
 * counts those that others have set aside. Every hour, reopens findings whose suppression has ended.
 */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { findingLookup, notifiedFindings, setAsideFindings } from '../aws/security-hub.ts';
import type { QueueMessage } from '../domain/job.ts';
import { dynamoHiddenFindings } from '../ledger/hidden-findings.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoReopenings } from '../ledger/reopenings.ts';
import { dynamoSuppressions } from '../ledger/suppressions.ts';
import { countHidden } from './count-hidden.ts';
import { reconcile } from './reconcile.ts';
import { releaseSuppressed } from './release-suppressed.ts';

const Input = z.object({ task: z.literal('suppressions').optional() });

/** More attempts than other functions: nobody waits for this one, and its next run is hours away. */
const securityHub = new SecurityHubClient({ maxAttempts: 8 });
const dynamo = new DynamoDBClient({ maxAttempts: 8 });
const sqs = new SQSClient({ maxAttempts: 3 });
const policy = policySource();

export const handler = async (event: unknown, context: Context): Promise<void> => {
  const { task } = Input.parse(event);
  if (task === 'suppressions') await reopenSuppressed(context);
  else {
    await reopenRecurring(context);
    await countSetAside(context);
  }
  metrics.publishStoredMetrics();
};

const send = (message: QueueMessage) => {
  const QueueUrl = environment('FINDING_UPDATES_QUEUE_URL').FINDING_UPDATES_QUEUE_URL;
  return sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
};

const listing = () => ({
  sleep: setTimeout,
  products: environment('SECURITY_HUB_PRODUCTS').SECURITY_HUB_PRODUCTS.split(','),
});

async function reopenRecurring(context: Context): Promise<void> {
  const { LEDGER_TABLE, EVENT_BUS } = environment('LEDGER_TABLE', 'EVENT_BUS');
  const counts = { examined: 0, reopened: 0, givenUp: 0 };
  for (const list of notifiedFindings(securityHub, listing())) {
    const more = await reconcile({
      notifiedFindings: list,
      queries: ledgerQueries(LEDGER_TABLE, dynamo),
      reopenings: dynamoReopenings(LEDGER_TABLE, dynamo),
      send,
      publish: publisher(EVENT_BUS),
      now: Date.now,
      timeLeft: () => context.getRemainingTimeInMillis(),
    });
    for (const name of ['examined', 'reopened', 'givenUp'] as const) counts[name] += more[name];
  }
  logger.info('recurring findings reconciled', { counts });
  metrics.addMetric('Reopened', 'Count', counts.reopened);
  metrics.addMetric('GivenUp', 'Count', counts.givenUp);
}

async function countSetAside(context: Context): Promise<void> {
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  const { counts, isComplete } = await countHidden({
    setAsideFindings: setAsideFindings(securityHub, listing()),
    queries: ledgerQueries(LEDGER_TABLE, dynamo),
    timeLeft: () => context.getRemainingTimeInMillis(),
  });
  await dynamoHiddenFindings(LEDGER_TABLE, dynamo).put(new Date().toISOString().slice(0, 10), counts);
  logger.info('findings that others have set aside were counted', { counts, isComplete });
  metrics.addMetric(
    'HiddenFindings',
    'Count',
    Object.values(counts).reduce((sum, count) => sum + count, 0),
  );
}

async function reopenSuppressed(context: Context): Promise<void> {
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  const counts = await releaseSuppressed({
    policy,
    suppressions: dynamoSuppressions(LEDGER_TABLE, dynamo),
    queries: ledgerQueries(LEDGER_TABLE, dynamo),
    findFinding: findingLookup(securityHub),
    send,
    sleep: setTimeout,
    now: Date.now,
    timeLeft: () => context.getRemainingTimeInMillis(),
  });
  logger.info('findings of ended suppressions released', { counts });
  metrics.addMetric('ReopenedAfterSuppression', 'Count', counts.reopened);
}
