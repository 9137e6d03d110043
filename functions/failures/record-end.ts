/** Brings the ledger up to date with the end of an execution, and notifies subscribers. */
import type { EndedExecution } from '../domain/ended-execution.ts';
import { eventOfEnd, eventOfFailure } from '../domain/events.ts';
import { FindingEvent } from '../domain/finding.ts';
import { unprovenNames } from '../domain/finding-names.ts';
import type { Job, JobFinding, QueueMessage } from '../domain/job.ts';
import { type ExecutionFailure, endingOf } from '../domain/ledger.ts';
import { noteOfFailure } from '../domain/notes.ts';
import type { Publish } from '../ports/events.ts';
import type { ExecutionEnd, ReadExecutionEnd } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { CountEndings } from '../ports/statistics.ts';

export type RecordEndDeps = {
  readonly readEnd: ReadExecutionEnd;
  readonly ledger: Ledger;
  readonly publish: Publish;
  readonly send: (message: QueueMessage) => Promise<unknown>;
  readonly count: CountEndings;
};

export type RecordedEnd = { readonly job: Job; readonly failure?: ExecutionFailure };

/** Returns the ends that were new to the ledger. */
export async function recordExecutionEnd(
  { execution, started }: EndedExecution,
  deps: RecordEndDeps,
): Promise<RecordedEnd[]> {
  const end = await deps.readEnd(execution);
  if (!end) return [];
  if (end.kind === 'succeeded') return (await recordSuccess(end.job, deps)) ? [{ job: end.job }] : [];
  const recorded: RecordedEnd[] = [];
  for (const job of failedJobs(end, execution, started))
    if (await recordFailure(job, end.failure, isUnproven(end.job), deps)) recorded.push({ job, failure: end.failure });
  return recorded;
}

/** Triage has established nothing about a finding that waits for it. */
const isUnproven = (job: Job | undefined): boolean => job === undefined || job.route === 'wait';

async function recordSuccess(job: Job, { ledger, publish, count }: RecordEndDeps): Promise<boolean> {
  if (!(await ledger.close(job))) return false;
  const event = eventOfEnd(job, new Date().toISOString());
  if (event) await publish([event]);
  await count([{ job, ending: endingOf(job) }]);
  return true;
}

async function recordFailure(
  job: Job,
  failure: ExecutionFailure,
  isUnproven: boolean,
  { ledger, publish, send, count }: RecordEndDeps,
): Promise<boolean> {
  const isNew = await ledger.fail(job, failure, isUnproven);
  if (job.work?.lookOnly) return isNew;
  // Published also on a retry, when the ledger already has the failure: the first run may have died before this call.
  await publish([eventOfFailure(job, failure)]);
  const note = noteOfFailure(job, failure.error);
  if (note !== undefined) await send({ v: 3, kind: 'note', job, note });
  if (isNew) await count([{ job, ending: 'FAILED' }]);
  return isNew;
}

/**
 * Returns the failed job. If triage failed, returns one for each finding of the event, and one for an event without
 * findings.
 */
function failedJobs(
  { job, input, failure }: Extract<ExecutionEnd, { kind: 'failed' }>,
  execution: string,
  started: string,
): Job[] {
  if (job) return [withoutNotice(job)];
  const findings: readonly unknown[] = FindingEvent.safeParse(input).data?.detail.findings ?? [];
  const raw = findings.length > 0 ? findings : [undefined];
  return raw.map((finding) => untriagedJob(execution, started, unprovenNames(finding), failure));
}

/**
 * Ends the owner's time, because nothing goes on by itself. `toldAt` stays, so that a replay does not begin the time
 * again.
 */
const withoutNotice = ({ dueBy: _, notice: __, ...job }: Job): Job => job;

const untriagedJob = (execution: string, started: string, finding: JobFinding, { error }: ExecutionFailure): Job => ({
  v: 3,
  execution,
  started,
  route: 'ignore',
  reason: `triage failed with ${error}`,
  finding,
});
