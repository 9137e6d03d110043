/** Report: the outcome goes into the ledger and, for people, onto the finding by way of the finding-update queue. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dynamoApprovals } from '../aws/approvals.ts';
import { environment } from '../aws/environment.ts';
import { dynamoLedger } from '../aws/ledger.ts';
import { logger, metrics } from '../aws/observe.ts';
import { Case, type QueueMessage } from '../contract/case.ts';
import { toSutureError } from '../contract/errors.ts';
import { outcomeOf } from '../contract/outcome.ts';
import { noteOf } from './note.ts';

const sqs = new SQSClient({ maxAttempts: 3 });

export const handler = async (input: unknown): Promise<Case> => {
  const made = Case.parse(input);
  const { LEDGER_TABLE, FINDING_UPDATES_QUEUE_URL } = environment('LEDGER_TABLE', 'FINDING_UPDATES_QUEUE_URL');
  logger.appendKeys({ execution: made.execution, finding: made.finding.id });
  try {
    const ledger = dynamoLedger(LEDGER_TABLE);
    if (made.result?.kind === 'duplicate') await ledger.record([made]);
    else await ledger.close(made);
    await dynamoApprovals(LEDGER_TABLE).reported(made);
    const note = noteOf(made);
    if (note !== undefined) {
      const message: QueueMessage = { kind: 'notify', case: made, note };
      await sqs.send(
        new SendMessageCommand({ QueueUrl: FINDING_UPDATES_QUEUE_URL, MessageBody: JSON.stringify(message) }),
      );
    }
    metrics.addDimension('Outcome', outcomeOf(made) ?? made.result?.kind ?? made.route);
    metrics.addMetric('Reported', 'Count', 1);
    logger.info('reported', { outcome: outcomeOf(made), work: made.work, result: made.result });
    return made;
  } catch (error) {
    throw toSutureError(error, `the report on ${made.finding.id}`);
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};
