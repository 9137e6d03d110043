/** Orphaned executions: every three hours, executions whose failure the ledger does not know are handed to the failures function. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { watermark } from '../ledger/watermark.ts';
import { findOrphanedExecutions, LATE } from './find.ts';

/** More than other functions' clients: nobody waits for it. */
const states = new SFNClient({ maxAttempts: 8 });
const dynamo = new DynamoDBClient({ maxAttempts: 8 });
const sqs = new SQSClient({ maxAttempts: 3 });

export const handler = async (): Promise<void> => {
  const { LEDGER_TABLE, STATE_MACHINE_ARN, FAILURES_QUEUE_URL } = environment(
    'LEDGER_TABLE',
    'STATE_MACHINE_ARN',
    'FAILURES_QUEUE_URL',
  );
  const mark = watermark(LEDGER_TABLE, 'orphaned-executions', dynamo);
  const begun = Date.now();
  const found = await findOrphanedExecutions(await mark.read(), {
    states,
    stateMachineArn: STATE_MACHINE_ARN,
    queries: ledgerQueries(LEDGER_TABLE, dynamo),
    ledger: dynamoLedger(LEDGER_TABLE, dynamo),
    send: (ended) =>
      sqs.send(new SendMessageCommand({ QueueUrl: FAILURES_QUEUE_URL, MessageBody: JSON.stringify(ended) })),
    sleep: setTimeout,
    now: Date.now,
  });
  // Twice as late: what was found too fresh this time is looked at the next.
  await mark.write(begun - 2 * LATE);
  logger.info('looked for orphaned executions', { found });
  metrics.addMetric('OrphanedExecutions', 'Count', found.failed + found.over);
  metrics.publishStoredMetrics();
};
