/** Lost ends: every three hours, executions whose failure the ledger does not know are handed to the failures function. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../aws/environment.ts';
import { dynamoLedger } from '../aws/ledger.ts';
import { ledgerQueries } from '../aws/ledger-queries.ts';
import { logger, metrics } from '../aws/observe.ts';
import { watermark } from '../aws/watermark.ts';
import { findLostEnds, LATE } from './find.ts';

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
  const mark = watermark(LEDGER_TABLE, 'lost-ends', dynamo);
  const begun = Date.now();
  const found = await findLostEnds(await mark.read(), {
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
  logger.info('looked for lost ends', { found });
  metrics.addMetric('LostEnds', 'Count', found.failed + found.over);
  metrics.publishStoredMetrics();
};
