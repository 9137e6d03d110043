/**
 * Drains the finding-update queue: every update of a finding, below Security Hub's quota, item by item where it takes
 * some and refuses others. A message that could not be dealt with stays on the queue.
 */

import { setTimeout } from 'node:timers/promises';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoApprovals } from '../aws/approvals.ts';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { dynamoLedger } from '../aws/ledger.ts';
import { logger, metrics } from '../aws/observe.ts';
import { countEndings } from '../aws/statistics.ts';
import { QueueMessage } from '../contract/case.ts';
import { text } from '../contract/errors.ts';
import { comeAgain } from './again.ts';
import type { Message } from './batch.ts';
import { drain } from './drain.ts';
import { createPace } from './pace.ts';

// Tried again at the pace, not by the client.
const securityHub = new SecurityHubClient({ maxAttempts: 1 });
const pace = createPace(setTimeout, Date.now);
const sqs = new SQSClient({ maxAttempts: 3 });
const states = new SFNClient({ maxAttempts: 3 });

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const messages: Message[] = [];
  const poisoned: string[] = [];
  for (const { messageId, body } of event.Records) {
    const parsed = parse(body);
    if (parsed) messages.push({ id: messageId, body: parsed });
    else poisoned.push(messageId);
  }
  const { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'EVENT_BUS',
    'FINDING_UPDATES_QUEUE_URL',
  );
  const report = (what: string, fields: Record<string, unknown>) => logger.warn(what, fields);
  const failed = await drain(messages, {
    securityHub,
    pace,
    sleep: setTimeout,
    timeLeft: () => context.getRemainingTimeInMillis(),
    states,
    ledger: dynamoLedger(LEDGER_TABLE),
    approvals: dynamoApprovals(LEDGER_TABLE),
    publish: publisher(EVENT_BUS),
    count: (ended) => countEndings(LEDGER_TABLE, ended),
    now: Date.now,
    report,
  });
  const again = new Set(failed);
  await comeAgain(
    sqs,
    FINDING_UPDATES_QUEUE_URL,
    event.Records.filter(({ messageId }) => again.has(messageId)),
    report,
  );
  metrics.addMetric('FindingUpdates', 'Count', messages.length - failed.length);
  metrics.addMetric('FindingUpdatesFailed', 'Count', failed.length + poisoned.length);
  metrics.publishStoredMetrics();
  return { batchItemFailures: [...poisoned, ...failed].map((itemIdentifier) => ({ itemIdentifier })) };
};

/** A message that is none goes back until its queue's dead-letter queue takes it, where a person sees it. */
function parse(body: string): QueueMessage | undefined {
  try {
    return QueueMessage.parse(JSON.parse(body));
  } catch (error) {
    logger.error('message cannot be read', { error: text(error), body: body.slice(0, 1000) });
    return undefined;
  }
}
