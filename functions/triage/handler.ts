/** Triage: an event becomes a case, with its route and the reason for it. Events of several findings are split over child executions. */
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { countExecution } from '../aws/executions.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { RollbackOrder } from '../domain/asked.ts';
import { FindingEvent } from '../domain/finding.ts';
import { JOB_LIMIT_BYTES, type Job } from '../domain/job.ts';
import { changedIn, type DealtWith, dealtWithIn } from '../ledger/dealt-with.ts';
import { type Directory, directoryIn } from '../ledger/directory.ts';
import { remediations } from '../remediations/registry.generated.ts';
import { asWished, cameAlready, rollbackOf } from './asked.ts';
import { type TriageVerdict, triage } from './decide.ts';
import { split } from './split.ts';

const Input = z.object({ event: z.unknown(), execution: z.object({ id: z.string(), started: z.string() }) });

const policy = policySource();
let directory: Directory | undefined;
const states = new SFNClient({ maxAttempts: 3 });

export const handler = async (input: unknown): Promise<Job> => {
  const { event, execution } = Input.parse(input);
  logger.appendKeys({ execution: execution.id });
  try {
    const job = await jobFor(event, execution);
    metrics.addDimension('Route', job.route);
    metrics.addMetric('Triaged', 'Count', 1);
    logger.info('triaged', { finding: job.finding.id, route: job.route, reason: job.reason, work: job.work });
    return job;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

async function jobFor(raw: unknown, execution: { id: string; started: string }): Promise<Job> {
  const jobOf = (verdict: Omit<Job, 'v' | 'execution' | 'started'>): Job => ({
    v: 1,
    execution: execution.id,
    started: execution.started,
    ...verdict,
  });
  const order = RollbackOrder.safeParse(raw);
  if (order.success) return jobOf(await rollback(order.data));
  const parsed = FindingEvent.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`);
    return jobOf({
      route: 'reject',
      reason: `is no event of findings: ${problems.slice(0, 5).join('; ')}`,
      finding: UNKNOWN,
    });
  }
  const event = parsed.data;
  const [finding, ...more] = event.detail.findings;
  if (finding === undefined) return jobOf({ route: 'reject', reason: 'the event holds no finding', finding: UNKNOWN });
  if (more.length > 0) {
    const started = await split(states, environment('STATE_MACHINE_ARN').STATE_MACHINE_ARN, event);
    return jobOf({ route: 'split', reason: `one execution each for ${started} findings`, finding: UNKNOWN });
  }
  const receivedAt = arrivalOf(event, execution);
  const { askedBy, asks } = event;
  const verdict = asWished(await verdictOn(event, finding), asks);
  const dealtWith = event['replay-name'] === undefined ? undefined : await dealtWithBy(verdict.finding.id);
  const asked = { receivedAt, ...(askedBy && { askedBy }), ...(asks && { asks }) };
  return bounded(jobOf({ ...asked, ...cameAlready(verdict, receivedAt, dealtWith) }));
}

const dealtWithBy = (findingId: string): Promise<DealtWith | undefined> =>
  dealtWithIn(environment('LEDGER_TABLE').LEDGER_TABLE, findingId);

async function rollback(order: RollbackOrder): Promise<Omit<Job, 'v' | 'execution' | 'started'>> {
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  const changed = await changedIn(LEDGER_TABLE, order.rollback);
  return rollbackOf(order, { changed, remediations, excluded: excludedAccounts() });
}

/** When the event arrived; never after the execution that it started, for other senders may write any time into it. */
function arrivalOf({ time }: FindingEvent, { started }: { started: string }): string {
  const at = Date.parse(time ?? '');
  return at <= Date.parse(started) ? new Date(at).toISOString() : started;
}

async function verdictOn(event: FindingEvent, finding: unknown): Promise<TriageVerdict> {
  const { LEDGER_TABLE, SECURITY_ACCOUNT, HOME_REGION } = environment(
    'LEDGER_TABLE',
    'SECURITY_ACCOUNT',
    'HOME_REGION',
  );
  const current = await policy.read();
  const account = await accountOf(finding, LEDGER_TABLE);
  const verdict = triage(event, finding, {
    remediations,
    policy: current,
    organization: {
      securityAccount: SECURITY_ACCOUNT,
      homeRegion: HOME_REGION,
      excluded: [...excludedAccounts(), ...current.excludedAccounts],
      status: account?.status,
      ouPath: account?.ouPath,
    },
    today: new Date().toISOString().slice(0, 10),
  });
  // Last, so that an attempt that is tried again is not counted twice.
  await countExecution(LEDGER_TABLE, current.caps.executionsPerHour);
  return verdict;
}

/** Suture's own accounts, and those that the context leaves out. */
function excludedAccounts(): string[] {
  const { SECURITY_ACCOUNT, SERVICE_ACCOUNT } = environment('SECURITY_ACCOUNT', 'SERVICE_ACCOUNT');
  return [SECURITY_ACCOUNT, SERVICE_ACCOUNT, ...(process.env.EXCLUDED_ACCOUNTS ?? '').split(',').filter(Boolean)];
}

/** The account that the finding names, where it names one of the organization. */
async function accountOf(finding: unknown, ledger: string) {
  const id = (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId;
  if (typeof id !== 'string' || !/^\d{12}$/.test(id)) return undefined;
  directory ??= directoryIn(ledger);
  return directory.lookUp(id);
}

const UNKNOWN = { id: 'unknown', productArn: 'unknown' };

/**
 * The fields that a case takes are bounded one by one. Should their sum still be too much, it goes without what was looked
 * at; if that does not do, it says so and is rejected.
 */
function bounded({ checks, ...made }: Job): Job {
  if (sizeOf({ ...made, checks }) <= JOB_LIMIT_BYTES) return { ...made, checks };
  const size = sizeOf(made);
  if (size <= JOB_LIMIT_BYTES) return made;
  const { id, productArn, account } = made.finding;
  const reason = `its case would have ${size} bytes, more than ${JOB_LIMIT_BYTES}`;
  return {
    v: 1,
    execution: made.execution,
    started: made.started,
    route: 'reject',
    reason,
    finding: { id, productArn, account },
  };
}

const sizeOf = (job: Job): number => Buffer.byteLength(JSON.stringify(job));
