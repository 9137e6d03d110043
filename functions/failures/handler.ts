/** Failures: every execution that failed goes into the ledger, with its error, and to subscribers. */
import { setTimeout } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { EndedExecution } from '../domain/ended-execution.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { countEndings } from '../ledger/statistics.ts';
import { type SettleDeps, type Settled, settle } from './settle.ts';

const states = new SFNClient({ maxAttempts: 3 });

/** Milliseconds between two: two instances stay below the 20 a second that GetExecutionHistory takes. */
const PACE = 110;

export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const { LEDGER_TABLE, EVENT_BUS } = environment('LEDGER_TABLE', 'EVENT_BUS');
  const tools: SettleDeps = {
    states,
    ledger: dynamoLedger(LEDGER_TABLE),
    publish: publisher(EVENT_BUS),
    count: (ended) => countEndings(LEDGER_TABLE, ended),
  };
  const failed: string[] = [];
  for (const { messageId, body } of Records) {
    try {
      report(await settle(EndedExecution.parse(JSON.parse(body)), tools));
    } catch (error) {
      logger.error('a failure could not be recorded', { error: error as Error, body: body.slice(0, 500) });
      failed.push(messageId);
    }
    await setTimeout(PACE);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

function report(settled: readonly Settled[]): void {
  for (const { made: job, failure } of settled) {
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
