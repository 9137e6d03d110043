/** Report: writes the outcome to the ledger and, through the finding-update queue, a note to the finding. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { SutureError, toSutureError } from '../contract/errors.ts';
import { eventOfEnd } from '../domain/events.ts';
import { Job, JobStep, type QueueMessage } from '../domain/job.ts';
import { endingOf } from '../domain/ledger.ts';
import { noteOf } from '../domain/notes.ts';
import { outcomeOf } from '../domain/outcome.ts';
import { withStep } from '../domain/steps.ts';
import { parseInput } from '../domain/version.ts';
import { dynamoApprovals } from '../ledger/approvals.ts';
import { storeAttemptError } from '../ledger/attempt-errors.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import { countEndings } from '../ledger/statistics.ts';
import type { Warn } from '../ports/log.ts';

const sqs = new SQSClient({ maxAttempts: 3 });

const Input = z.object({ job: Job, step: JobStep });

export const handler = async (input: unknown): Promise<Job> => {
  const { job: reported, step } = parseInput(Input, input);
  const job = withStep(reported, step);
  if (!job.result)
    throw new SutureError('ConfigurationInvalid', `The job of ${job.finding.id} reached its report without a result.`);
  const { LEDGER_TABLE, FINDING_UPDATES_QUEUE_URL, EVENT_BUS } = environment(
    'LEDGER_TABLE',
    'FINDING_UPDATES_QUEUE_URL',
    'EVENT_BUS',
  );
  logger.appendKeys({ execution: job.execution, finding: job.finding.id });
  try {
    const isNew = await dynamoLedger(LEDGER_TABLE).close(job);
    await dynamoApprovals(LEDGER_TABLE).recordOutcome(job);
    const note = noteOf(job);
    if (note !== undefined) await send(FINDING_UPDATES_QUEUE_URL, { v: 3, kind: 'notify', job, note });
    const event = eventOfEnd(job, new Date().toISOString());
    if (event) await publisher(EVENT_BUS)([event]);
    if (isNew) await count(LEDGER_TABLE, job);
    metrics.addDimension('Outcome', outcomeOf(job) ?? job.result?.kind ?? job.route);
    metrics.addMetric('Reported', 'Count', 1);
    if (event?.name === 'suture.finding.fixed.v1')
      metrics.addMetric('SecondsToFix', 'Seconds', event.detail.secondsToFix);
    logger.info('reported', { outcome: outcomeOf(job), work: job.work, result: job.result });
    return job;
  } catch (error) {
    const named = toSutureError(error, `the report on ${job.finding.id}`);
    const warn: Warn = (message, fields) => logger.warn(message, fields);
    await storeAttemptError(LEDGER_TABLE, { execution: job.execution, step, error: named }, warn);
    throw named;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

const send = (QueueUrl: string, message: QueueMessage) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));

async function count(table: string, job: Job): Promise<void> {
  try {
    await countEndings(table, [{ job, ending: endingOf(job) }]);
  } catch (error) {
    logger.error('the end was not counted', { error: error as Error });
  }
}
