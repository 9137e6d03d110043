/**
 * Drains the finding-update queue: every update of a finding, below Security Hub's quota, item by item where it takes
 * some and refuses others. A message that could not be dealt with stays on the queue.
 */
import { setTimeout } from 'node:timers/promises';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { dynamoApprovals } from '../ledger/approvals.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { runLease } from '../ledger/run-lease.ts';
import { countEndings } from '../ledger/statistics.ts';
import { openInbox } from './inbox.ts';
import { createPace } from './pace.ts';
import { takeTurn } from './turn.ts';

// Tried again at the pace, not by the client.
const securityHub = new SecurityHubClient({ maxAttempts: 1 });
const pace = createPace(setTimeout, Date.now);
const sqs = new SQSClient({ maxAttempts: 3 });
const states = new SFNClient({ maxAttempts: 3 });

const report = (what: string, fields: Record<string, unknown>) => logger.warn(what, fields);

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'EVENT_BUS',
    'FINDING_UPDATES_QUEUE_URL',
  );
  const inbox = await openInbox(event, { sqs, queueUrl: FINDING_UPDATES_QUEUE_URL, report });
  await takeTurn(inbox.first, {
    inbox,
    lease: runLease(dynamoDb(), LEDGER_TABLE, { pk: 'lease#finding-updates', sk: 'lease' }),
    run: context.awsRequestId,
    securityHub,
    pace,
    states,
    ledger: dynamoLedger(LEDGER_TABLE),
    approvals: dynamoApprovals(LEDGER_TABLE),
    publish: publisher(EVENT_BUS),
    count: (ended) => countEndings(LEDGER_TABLE, ended),
    sleep: setTimeout,
    now: Date.now,
    random: Math.random,
    timeLeft: () => context.getRemainingTimeInMillis(),
    report,
  });
  metrics.addMetric('FindingUpdates', 'Count', inbox.counts.done);
  metrics.addMetric('FindingUpdatesFailed', 'Count', inbox.counts.failed);
  metrics.publishStoredMetrics();
  return { batchItemFailures: inbox.failures().map((itemIdentifier) => ({ itemIdentifier })) };
};
