/**
 * Orphaned executions: every three hours, hands executions whose end the ledger does not know to the failures function.
 */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../aws/environment.ts';
import { stepFunctionsExecutions } from '../aws/executions.ts';
import { logger, metrics } from '../aws/observe.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoWatermark } from '../ledger/watermark.ts';
import { findOrphanedExecutions, LATE_MS } from './find.ts';

/** More attempts than other functions: nobody waits for this one. */
const stepFunctions = new SFNClient({ maxAttempts: 8 });
const dynamo = new DynamoDBClient({ maxAttempts: 8 });
const sqs = new SQSClient({ maxAttempts: 3 });

export const handler = async (): Promise<void> => {
  const { LEDGER_TABLE, STATE_MACHINE_ARN, FAILURES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'STATE_MACHINE_ARN',
    'FAILURES_QUEUE_URL',
  );
  const watermark = dynamoWatermark(LEDGER_TABLE, 'orphaned-executions', dynamo);
  const startedAt = Date.now();
  const counts = await findOrphanedExecutions(await watermark.read(), {
    executions: stepFunctionsExecutions(stepFunctions, STATE_MACHINE_ARN, { sleep: setTimeout }),
    queries: ledgerQueries(LEDGER_TABLE, dynamo),
    ledger: dynamoLedger(LEDGER_TABLE, dynamo),
    send: (ended) =>
      sqs.send(new SendMessageCommand({ QueueUrl: FAILURES_QUEUE_URL, MessageBody: JSON.stringify(ended) })),
    now: Date.now,
  });
  // Overlaps by twice the age, so that the next run examines executions that were too recent for this one.
  await watermark.write(startedAt - 2 * LATE_MS);
  logger.info('orphaned executions found', { counts });
  metrics.addMetric('OrphanedExecutions', 'Count', counts.failed + counts.unclosed);
  metrics.publishStoredMetrics();
};
