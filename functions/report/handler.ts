/** Report: the outcome goes into the ledger and, for people, onto the finding by way of the finding-update queue. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { toSutureError } from '../contract/errors.ts';
import { eventOfEnd } from '../domain/events.ts';
import { Case, type QueueMessage } from '../domain/job.ts';
import { endingOf } from '../domain/ledger.ts';
import { outcomeOf } from '../domain/outcome.ts';
import { dynamoApprovals } from '../ledger/approvals.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { countEndings } from '../ledger/statistics.ts';
import { noteOf } from './note.ts';

const sqs = new SQSClient({ maxAttempts: 3 });

export const handler = async (input: unknown): Promise<Case> => {
  const made = Case.parse(input);
  const { LEDGER_TABLE, FINDING_UPDATES_QUEUE_URL, EVENT_BUS } = environment(
    'LEDGER_TABLE',
    'FINDING_UPDATES_QUEUE_URL',
    'EVENT_BUS',
  );
  logger.appendKeys({ execution: made.execution, finding: made.finding.id });
  try {
    const isNews = await dynamoLedger(LEDGER_TABLE).close(made);
    await dynamoApprovals(LEDGER_TABLE).reported(made);
    const note = noteOf(made);
    if (note !== undefined) {
      const message: QueueMessage = { kind: 'notify', case: made, note };
      await sqs.send(
        new SendMessageCommand({ QueueUrl: FINDING_UPDATES_QUEUE_URL, MessageBody: JSON.stringify(message) }),
      );
    }
    const event = eventOfEnd(made, new Date().toISOString());
    if (event) await publisher(EVENT_BUS)([event]);
    if (isNews) await count(LEDGER_TABLE, made);
    metrics.addDimension('Outcome', outcomeOf(made) ?? made.result?.kind ?? made.route);
    metrics.addMetric('Reported', 'Count', 1);
    if (event?.name === 'suture.finding.fixed.v1')
      metrics.addMetric('SecondsToFix', 'Seconds', event.detail.secondsToFix);
    logger.info('reported', { outcome: outcomeOf(made), work: made.work, result: made.result });
    return made;
  } catch (error) {
    throw toSutureError(error, `the report on ${made.finding.id}`);
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

/** What became of the finding counts more than that it could not be counted. */
async function count(table: string, made: Case): Promise<void> {
  try {
    await countEndings(table, [{ made, ending: endingOf(made) }]);
  } catch (error) {
    logger.error('the end was not counted', { error: error as Error });
  }
}
