/**
 * Failures: records every execution that failed in the ledger, with its error, and notifies subscribers. Changes the note
 * of a finding whose owner or approver was told something else before.
 */
import { setTimeout } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { executionEndReader } from '../aws/execution-end.ts';
import { logger, metrics } from '../aws/observe.ts';
import { EndedExecution } from '../domain/ended-execution.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { countEndings } from '../ledger/statistics.ts';
import { type RecordEndDeps, type RecordedEnd, recordExecutionEnd } from './record-end.ts';

const sqs = new SQSClient({ maxAttempts: 3 });
const readEnd = executionEndReader(new SFNClient({ maxAttempts: 3 }));

/** Two instances stay below the 20 calls of GetExecutionHistory a second. */
const PACE_MS = 110;

export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'EVENT_BUS',
    'FINDING_UPDATES_QUEUE_URL',
  );
  const deps: RecordEndDeps = {
    readEnd,
    ledger: dynamoLedger(LEDGER_TABLE),
    publish: publisher(EVENT_BUS),
    send: (message) =>
      sqs.send(new SendMessageCommand({ QueueUrl: FINDING_UPDATES_QUEUE_URL, MessageBody: JSON.stringify(message) })),
    count: (endings) => countEndings(LEDGER_TABLE, endings),
  };
  const failed: { readonly messageId: string; readonly error: unknown }[] = [];
  for (const { messageId, body } of Records) {
    try {
      log(await recordExecutionEnd(EndedExecution.parse(JSON.parse(body)), deps));
    } catch (error) {
      logger.error('a failure could not be recorded', { error: error as Error, body: body.slice(0, 500) });
      failed.push({ messageId, error });
    }
    await setTimeout(PACE_MS);
  }
  // Failures of single messages count as no error of the function, whose alarm must ring if it records nothing.
  if (failed.length > 0 && failed.length === Records.length) throw failed[0]!.error;
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

function log(recorded: readonly RecordedEnd[]): void {
  for (const { job, failure } of recorded) {
    if (!failure) {
      logger.warn('an end was recorded late', { finding: job.finding.id, execution: job.execution });
      continue;
    }
    logger.warn('execution failed', { finding: job.finding.id, execution: job.execution, failure });
    metrics.addDimension('Error', failure.error);
    metrics.addMetric('Failed', 'Count', 1);
    metrics.publishStoredMetrics();
  }
}
