/**
 * Triage: turns an event into a job with its route and reason. Splits an event of several findings into child
 * executions.
 */
import { AccountClient } from '@aws-sdk/client-account';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { startChildExecutions } from '../aws/child-executions.ts';
import { directoryOf } from '../aws/directory.ts';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { securityContacts } from '../aws/security-contacts.ts';
import { signerWith } from '../aws/signatures.ts';
import { commandToReplay, SutureError, toSutureError } from '../contract/errors.ts';
import { countText } from '../domain/count-text.ts';
import { Finding, FindingEvent, isPassed } from '../domain/finding.ts';
import { type NoticeFacts, type OwnersTurn, waitingSince } from '../domain/grace.ts';
import { JOB_LIMIT_BYTES, type Job, type JobFinding, JobStep } from '../domain/job.ts';
import { policySince } from '../domain/policy-since.ts';
import { withGoneUnits } from '../domain/policy-units.ts';
import { permissionOf } from '../domain/signature.ts';
import { RollbackOrder } from '../domain/start-options.ts';
import { withStep } from '../domain/steps.ts';
import { MAX_CAPPED_MS, nextHourWithJitter } from '../domain/stops.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';
import { storeAttemptError } from '../ledger/attempt-errors.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { countExecution, type ReachedCap } from '../ledger/execution-count.ts';
import { dynamoFindingHistory } from '../ledger/finding-history.ts';
import { dynamoRequesters } from '../ledger/requesters.ts';
import { dynamoContacts } from '../ledger/security-contacts.ts';
import type { Directory } from '../ports/directory.ts';
import type { Warn } from '../ports/log.ts';
import type { SecurityContacts } from '../ports/security-contacts.ts';
import { DECLARATIONS } from '../remediations/declarations.generated.ts';
import { ignoreReplayedEvent } from './archive-replay.ts';
import type { TriageFacts } from './candidate.ts';
import { type TriageVerdict, triage } from './decide.ts';
import { dependsOnNotice, inOwnersTime, unlessSuperseded } from './grace.ts';
import { needsContact, ownerFields } from './owner.ts';
import { planOnly } from './plan-only.ts';
import { rollbackJob } from './rollback.ts';

const Input = z.object({
  event: z.unknown(),
  execution: z.object({ id: z.string(), started: z.string() }),
  step: JobStep,
  /** Steps of the same execution before it waited for the owner. */
  earlier: z.array(JobStep).optional(),
});
/** `hasWaited`: for the owner of the resource. */
type Execution = z.infer<typeof Input>['execution'] & { readonly hasWaited: boolean };
type JobContent = Omit<Job, 'v' | 'execution' | 'started'>;

const policy = policySource();
const organizations = new OrganizationsClient({ maxAttempts: 3 });
let directory: Directory | undefined;
/** Gives up soon, because triage goes on without a contact. */
const accounts = new AccountClient({
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 },
});
let contacts: SecurityContacts | undefined;
const stepFunctions = new SFNClient({ maxAttempts: 3 });

export const handler = async (input: unknown): Promise<Job> => {
  const { event, execution, step, earlier } = Input.parse(input);
  logger.appendKeys({ execution: execution.id });
  try {
    const content = await jobContent(event, { ...execution, hasWaited: earlier !== undefined });
    const { id, started } = execution;
    const job = await withSignature(
      withinLimit(withStep({ v: 3, execution: id, started, ...content, ...(earlier && { steps: earlier }) }, step)),
    );
    metrics.addDimension('Route', job.route);
    metrics.addMetric('Triaged', 'Count', 1);
    logger.info('triaged', { finding: job.finding.id, route: job.route, reason: job.reason, work: job.work });
    return job;
  } catch (error) {
    const { LEDGER_TABLE } = environment('LEDGER_TABLE');
    const named = toSutureError(error, `triage in ${execution.id}`);
    await storeAttemptError(LEDGER_TABLE, { execution: execution.id, step, error: named }, warn);
    throw named;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

const warn: Warn = (message, fields) => logger.warn(message, fields);

/** Signs what triage permits. The remediation's function verifies the signature, and does nothing else. */
async function withSignature(job: Job): Promise<Job> {
  if (!job.work) return job;
  const sign = signerWith(environment('SIGNING_KEY').SIGNING_KEY);
  return { ...job, work: { ...job.work, signature: await sign(permissionOf(job, job.work)) } };
}

async function jobContent(raw: unknown, execution: Execution): Promise<JobContent> {
  const order = RollbackOrder.safeParse(raw);
  if (order.success) return rollback(order.data, execution);
  const parsed = FindingEvent.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`);
    return withoutFinding('reject', `is not an event of findings: ${problems.slice(0, 5).join('; ')}`);
  }
  const event = parsed.data;
  const [finding, ...more] = event.detail.findings;
  if (finding === undefined) return withoutFinding('reject', 'the event holds no finding');
  if (more.length === 0) return contentOf(event, finding, execution);
  const started = await startChildExecutions(stepFunctions, environment('STATE_MACHINE_ARN').STATE_MACHINE_ARN, event);
  return withoutFinding('split', `one execution each for ${started} findings`);
}

async function contentOf(event: FindingEvent, finding: unknown, execution: Execution): Promise<JobContent> {
  const { startOptions } = event;
  const receivedAt = arrivalOf(event, execution);
  const turn = await ownersTurnOf(finding);
  const {
    verdict: decided,
    reachedCap,
    current,
  } = await verdictOn(event, finding, turn, policySince(event, execution));
  const isTimed = execution.hasWaited || dependsOnNotice(decided, startOptions);
  const told = isTimed ? await history().noticeFacts(decided.finding.id) : { isAttempted: false };
  const now = Date.now();
  const since = waitingSince(execution.started, decided.graceMs ?? 0, told, now);
  if (reachedCap) return waitForNextHour(decided.finding, reachedCap, since);
  const { graceMs: _, ...verdict } = verdictInTime(decided, told, { event, execution, now });
  const replay = event['replay-name'];
  const last = replay === undefined ? undefined : await history().lastArrival(verdict.finding.id);
  const askedBy = event.askedBy ?? (replay === undefined ? undefined : await requesters().replayedEvents(replay));
  return {
    receivedAt,
    ...(askedBy && { askedBy }),
    ...(replay && { eventReplay: replay }),
    ...(startOptions && { startOptions }),
    ...ownerFields(current, verdict, await contactFor(current, verdict)),
    ...(verdict.work?.lookOnly && { toldAt: turn?.toldAt, owner: turn?.owner }),
    ...ignoreReplayedEvent(verdict, receivedAt, last),
  };
}

/** Reads the ledger only for a finding that was fixed. */
async function ownersTurnOf(raw: unknown): Promise<OwnersTurn | undefined> {
  const finding = Finding.safeParse(raw);
  return finding.success && isPassed(finding.data) ? history().ownersTurn(finding.data.Id) : undefined;
}

/** Lets the owner act first, and leaves the finding to a newer execution. */
function verdictInTime(
  decided: TriageVerdict,
  told: NoticeFacts,
  { event, execution, now }: { readonly event: FindingEvent; readonly execution: Execution; readonly now: number },
) {
  const { startOptions } = event;
  const verdict = inOwnersTime(planOnly(decided, startOptions), told, startOptions, now);
  return execution.hasWaited ? unlessSuperseded(verdict, told, execution) : verdict;
}

/**
 * Returns the content of a job that waits for the next hour.
 * @param since when it began to wait
 * @throws SutureError CapReached if the execution has waited for a day
 */
function waitForNextHour(finding: JobFinding, { cap, account }: ReachedCap, since: number): JobContent {
  const [whose, setting] = account
    ? [`of account ${account} `, 'half of caps.executionsPerHour, the share of one account']
    : ['', 'caps.executionsPerHour'];
  const reason = `${countText(cap, 'execution')} ${whose}passed triage this hour, which is the policy's cap (${setting})`;
  const now = Date.now();
  const until = nextHourWithJitter(now, Math.random());
  if (now - since >= MAX_CAPPED_MS)
    throw new SutureError(
      'CapReached',
      `${reason}, and the execution has waited since ${new Date(since).toISOString()}. Nothing was done about this finding. Find the source of ` +
        `these findings, or raise the cap; then, after ${until}, replay it: ${commandToReplay('CapReached')}`,
    );
  return { route: 'wait', reason: `waits for the next hour: ${reason}`, finding, until };
}

async function rollback(order: RollbackOrder, execution: Execution): Promise<JobContent> {
  const line = await history().endedJob(order.rollback);
  const facts = await factsAbout(line?.job.finding.account, policySince(order, execution));
  return rollbackJob(order, line, facts);
}

const requesters = () => dynamoRequesters(environment('LEDGER_TABLE').LEDGER_TABLE);
const history = () => dynamoFindingHistory(environment('LEDGER_TABLE').LEDGER_TABLE);

const withoutFinding = (route: 'reject' | 'split', reason: string): JobContent => ({
  route,
  reason,
  finding: { id: 'unknown', productArn: 'unknown' },
});

/** Returns the execution's start if the event claims a later time, because a sender may write any. */
function arrivalOf({ time }: FindingEvent, { started }: Pick<Execution, 'started'>): string {
  const at = Date.parse(time ?? '');
  return at <= Date.parse(started) ? new Date(at).toISOString() : started;
}

async function verdictOn(
  event: FindingEvent,
  finding: unknown,
  ownersTurn: OwnersTurn | undefined,
  since: number | undefined,
) {
  const accountId = (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId;
  const facts = { ...(await factsAbout(accountId, since)), ownersTurn };
  const verdict = triage(event, finding, facts);
  const countedAccount = isAccountId(accountId) ? accountId : 'none';
  // Last, so that a retry after an error above does not count twice.
  const table = environment('LEDGER_TABLE').LEDGER_TABLE;
  return {
    verdict,
    current: facts.policy,
    reachedCap: await countExecution(table, countedAccount, facts.policy.caps.executionsPerHour),
  };
}

/** Looks up the account's security contact if it could matter. A trial has no organization that could be asked. */
async function contactFor(current: TriageFacts['policy'], verdict: TriageVerdict): Promise<string | undefined> {
  if (process.env.TRIAL_ACCOUNT || !needsContact(current, verdict)) return undefined;
  const store = dynamoContacts(environment('LEDGER_TABLE').LEDGER_TABLE, dynamoDb());
  contacts ??= securityContacts({ client: accounts, store, now: Date.now, warn });
  return contacts.lookUp(verdict.finding.account!);
}

const isAccountId = (id: unknown): id is string => typeof id === 'string' && /^\d{12}$/.test(id);

async function factsAbout(accountId: unknown, since: number | undefined): Promise<TriageFacts> {
  const { LEDGER_TABLE, SECURITY_ACCOUNT, HOME_REGION, REGIONS } = environment(
    'LEDGER_TABLE',
    'SECURITY_ACCOUNT',
    'HOME_REGION',
    'REGIONS',
  );
  directory ??= directoryOf({ accounts: dynamoAccounts(LEDGER_TABLE, dynamoDb()), organizations, now: Date.now });
  const current = withGoneUnits(await policy.read(since), await directory.units());
  const account = isAccountId(accountId) ? await directory.lookUp(accountId) : undefined;
  return {
    remediations: DECLARATIONS,
    policy: current,
    organization: {
      securityAccount: SECURITY_ACCOUNT,
      homeRegion: HOME_REGION,
      regions: REGIONS.split(','),
      excluded: excludedAccounts(),
      status: account?.status,
      ouPath: account?.ouPath,
      unitIds: account?.unitIds,
    },
    today: new Date().toISOString().slice(0, 10),
  };
}

/** Returns the accounts that the context excludes, and Suture's own. A trial excludes none. */
const excludedAccounts = (): string[] => (process.env.EXCLUDED_ACCOUNTS ?? '').split(',').filter(Boolean);

/** Drops the checks of a job that exceeds the limit, and rejects a job that still does. */
function withinLimit(job: Job): Job {
  if (sizeOf(job) <= JOB_LIMIT_BYTES) return job;
  const { checks: _, ...withoutChecks } = job;
  const size = sizeOf(withoutChecks);
  if (size <= JOB_LIMIT_BYTES) return withoutChecks;
  const { v, execution, started } = job;
  const { id, productArn, account } = job.finding;
  const reason = `its job would have ${size} bytes, more than ${JOB_LIMIT_BYTES}`;
  return { v, execution, started, route: 'reject', reason, finding: { id, productArn, account } };
}

const sizeOf = (job: Job): number => Buffer.byteLength(JSON.stringify(job));
