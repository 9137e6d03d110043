/** Report: writes the outcome to the ledger and, through the finding-update queue, a note to the finding. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { publisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { SutureError, toSutureError } from '../contract/errors.ts';
import { eventOfEnd } from '../domain/events.ts';
import { isFixedByOwner } from '../domain/grace.ts';
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
import type { Ledger } from '../ports/ledger.ts';
import type { Warn } from '../ports/log.ts';
import { type TellDeps, tellOwner } from './tell.ts';

const sqs = new SQSClient({ maxAttempts: 3 });

/** `tell`: the job goes on, and its owner is told. */
const Input = z.object({ job: Job, step: JobStep, tell: z.literal(true).optional() });

export const handler = async (input: unknown): Promise<Job> => {
  const { job: reported, step, tell } = parseInput(Input, input);
  if (!reported.result)
    throw new SutureError(
      'ConfigurationInvalid',
      `The job of ${reported.finding.id} reached its report without a result.`,
    );
  const { LEDGER_TABLE, FINDING_UPDATES_QUEUE_URL, EVENT_BUS } = environment(
    'LEDGER_TABLE',
    'FINDING_UPDATES_QUEUE_URL',
    'EVENT_BUS',
  );
  logger.appendKeys({ execution: reported.execution, finding: reported.finding.id });
  const deps: ReportDeps = {
    table: LEDGER_TABLE,
    ledger: dynamoLedger(LEDGER_TABLE),
    send: (message) => send(FINDING_UPDATES_QUEUE_URL, message),
    publish: publisher(EVENT_BUS),
    now: Date.now,
  };
  try {
    return tell ? withStep(await reportNotice(reported, deps), step) : await reportEnd(withStep(reported, step), deps);
  } catch (error) {
    const named = toSutureError(error, `the report on ${reported.finding.id}`);
    const warn: Warn = (message, fields) => logger.warn(message, fields);
    await storeAttemptError(LEDGER_TABLE, { execution: reported.execution, step, error: named }, warn);
    throw named;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

type ReportDeps = Omit<TellDeps, 'ledger'> & { readonly table: string; readonly ledger: Ledger };

async function reportEnd(job: Job, { table, ledger, send, publish }: ReportDeps): Promise<Job> {
  const isNew = await ledger.close(job);
  await dynamoApprovals(table).recordOutcome(job);
  const note = noteOf(job);
  if (note !== undefined) await send({ v: 3, kind: isFixedByOwner(job) ? 'note' : 'notify', job, note });
  const event = eventOfEnd(job, new Date().toISOString());
  if (event) await publish([event]);
  if (isNew) await count(table, { job, ending: endingOf(job) });
  metrics.addDimension('Outcome', outcomeOf(job) ?? job.result?.kind ?? job.route);
  metrics.addMetric('Reported', 'Count', 1);
  if (event?.name === 'suture.finding.fixed.v1')
    metrics.addMetric('SecondsToFix', 'Seconds', event.detail.secondsToFix);
  logger.info('reported', { outcome: outcomeOf(job), work: job.work, result: job.result });
  return job;
}

async function reportNotice(planned: Job, deps: ReportDeps): Promise<Job> {
  const { job, isFirst } = await tellOwner(planned, deps);
  if (isFirst) await count(deps.table, { job, ending: 'TOLD' });
  metrics.addMetric('OwnersTold', 'Count', 1);
  const { owner, dueBy, notice } = job;
  logger.info('the owner was told', { owner: owner?.name, dueBy, notice });
  return job;
}

const send = (QueueUrl: string, message: QueueMessage) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));

async function count(table: string, ending: Parameters<typeof countEndings>[1][number]): Promise<void> {
  try {
    await countEndings(table, [ending]);
  } catch (error) {
    logger.error('the end was not counted', { error: error as Error });
  }
}
