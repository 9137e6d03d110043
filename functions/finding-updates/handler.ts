/**
 * Drains the finding-update queue: every update of a finding, below Security Hub's quota, item by item where Security
 * Hub takes some findings and refuses others. A message that failed stays on the queue.
 */
import { setTimeout } from 'node:timers/promises';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { findingLookup, securityHub } from '../aws/security-hub.ts';
import { SqsInbox } from '../aws/sqs-inbox.ts';
import { taskTokens } from '../aws/task-tokens.ts';
import type { SenderIds } from '../domain/update-senders.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoRunLease } from '../ledger/run-lease.ts';
import { countEndings } from '../ledger/statistics.ts';
import { dynamoSuppressions } from '../ledger/suppressions.ts';
import type { Warn } from '../ports/log.ts';
import { drainWithLease } from './drain-with-lease.ts';
import { createPace } from './pace.ts';

// The function retries at its own pace instead.
const hub = securityHub(new SecurityHubClient({ maxAttempts: 1 }));
const findFinding = findingLookup(new SecurityHubClient({ maxAttempts: 3 }));
const pace = createPace(setTimeout, Date.now);
const sqs = new SQSClient({ maxAttempts: 3 });
const tokens = taskTokens(new SFNClient({ maxAttempts: 3 }));

const policy = policySource();

const warn: Warn = (message, fields) => logger.warn(message, fields);
const alarm: Warn = (message, fields) => {
  logger.error(message, fields);
  metrics.addMetric('FindingUpdatesRefused', 'Count', 1);
};

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'EVENT_BUS',
    'FINDING_UPDATES_QUEUE_URL',
  );
  const senders = senderIds();
  const { inbox, first } = await SqsInbox.open(event, { sqs, queueUrl: FINDING_UPDATES_QUEUE_URL, senders, warn });
  await drainWithLease(first, {
    inbox,
    lease: dynamoRunLease(dynamoDb(), LEDGER_TABLE, { pk: 'lease#finding-updates', sk: 'lease' }),
    run: context.awsRequestId,
    securityHub: hub,
    policy,
    findFinding,
    pace,
    tokens,
    ledger: dynamoLedger(LEDGER_TABLE),
    queries: ledgerQueries(LEDGER_TABLE),
    suppressions: dynamoSuppressions(LEDGER_TABLE),
    publish: publisher(EVENT_BUS),
    count: (endings) => countEndings(LEDGER_TABLE, endings),
    sleep: setTimeout,
    now: Date.now,
    random: Math.random,
    timeLeft: () => context.getRemainingTimeInMillis(),
    warn,
    alarm,
  });
  metrics.addMetric('FindingUpdates', 'Count', inbox.counts.done);
  metrics.addMetric('FindingUpdatesFailed', 'Count', inbox.counts.failed);
  metrics.publishStoredMetrics();
  return { batchItemFailures: inbox.failures().map((itemIdentifier) => ({ itemIdentifier })) };
};

function senderIds(): SenderIds {
  const ids = environment(
    'WORKFLOW_ROLE_ID',
    'REPORT_ROLE_ID',
    'FAILURES_ROLE_ID',
    'RECURRING_FINDINGS_ROLE_ID',
    'API_ROLE_ID',
  );
  return {
    workflow: ids.WORKFLOW_ROLE_ID,
    report: ids.REPORT_ROLE_ID,
    failures: ids.FAILURES_ROLE_ID,
    recurringFindings: ids.RECURRING_FINDINGS_ROLE_ID,
    api: ids.API_ROLE_ID,
  };
}
