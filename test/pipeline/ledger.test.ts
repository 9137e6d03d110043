import { DynamoDBClient, GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { percentile, sumOf } from '../../functions/domain/durations.ts';
import { findingKey, historyKey, RECORD, ROLLBACK_DAYS } from '../../functions/domain/ledger.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { dynamoLeases } from '../../functions/ledger/leases.ts';
import { dynamoLedger } from '../../functions/ledger/ledger.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { LedgerFilter, LedgerQueries } from '../../functions/ports/ledger-queries.ts';
import closeAdminPorts from '../../functions/remediations/ec2/close-admin-ports/index.ts';
import { type ControlFinding, journalKeyOf } from '../../lab/organization/finding.ts';
import { JOURNAL_TABLE, LEDGER_TABLE } from '../support/names.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';

let suture: Pipeline;
let ledger: LedgerQueries;
const FINDINGS = {} as Record<'fixed' | 'observed' | 'suppressed' | 'failed' | 'off' | 'forged', ControlFinding>;
let today: string;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  ledger = ledgerQueries(
    LEDGER_TABLE,
    new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount)),
  );
  today = new Date(suture.kernel.clock.now()).toISOString().slice(0, 10);
  FINDINGS.fixed = await suture.arrange('EC2.13');
  FINDINGS.observed = await suture.arrange('EC2.14', { account: DATA });
  FINDINGS.suppressed = await suture.arrange('EC2.13', { account: TRAINING });
  FINDINGS.failed = await suture.arrange('EC2.13', { account: ACQUIRED });
  FINDINGS.off = suture.finding('S3.1', { Type: 'AwsAccount', Id: `AWS::::Account:${SHOP}` });
  const foreign = await suture.arrange('EC2.13', { account: DATA });
  FINDINGS.forged = suture.finding('EC2.13', foreign.Resources[0]!);
  await suture.process(...Object.values(FINDINGS));
});
afterAll(() => suture.sandbox.close());

const idsBy = async (filter: LedgerFilter) => (await ledger.list(filter)).items.map(({ findingId }) => findingId);

describe('every finding that reached triage', () => {
  it.each([
    ['fixed', 'FIXED'],
    ['observed', 'PLANNED'],
    ['suppressed', 'ARCHIVED'],
    ['failed', 'FAILED'],
    ['off', 'IGNORED'],
    ['forged', 'REJECTED'],
  ] as const)('%s: has a record with status %s, and a line in its history', async (name, status) => {
    const { Id } = FINDINGS[name];
    expect(await ledger.record(Id)).toMatchObject({ ofStatus: status, findingId: Id });
    expect((await ledger.history(Id)).map(({ outcome }) => outcome)).toEqual([status]);
    expect(await idsBy({ status })).toEqual([Id]);
  });

  it('is found by control, account or resource, and by combined filters', async () => {
    expect(await idsBy({ account: DATA })).toEqual([FINDINGS.observed.Id]);
    expect(await idsBy({ control: 'EC2.14' })).toEqual([FINDINGS.observed.Id]);
    expect(await idsBy({ resource: FINDINGS.fixed.Resources[0]!.Id })).toEqual([FINDINGS.fixed.Id]);
    expect(new Set(await idsBy({ control: 'EC2.13' }))).toEqual(
      new Set([FINDINGS.fixed.Id, FINDINGS.suppressed.Id, FINDINGS.failed.Id]),
    );
    expect(await idsBy({ control: 'EC2.13', status: 'FAILED' })).toEqual([FINDINGS.failed.Id]);
    expect(await idsBy({ status: 'FAILED', error: 'MemberRoleUnavailable' })).toEqual([FINDINGS.failed.Id]);
    expect(await idsBy({ status: 'FIXED', since: '2099-01-01' })).toEqual([]);
  });

  it('keeps its end if the announcement of its plan arrives late', async () => {
    const client = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
    const { job, changedAt } = (await ledger.record(FINDINGS.fixed.Id))!;
    await dynamoLedger(LEDGER_TABLE, client).wait(job, new Date(Date.parse(changedAt) - 1).toISOString());
    expect(await ledger.record(FINDINGS.fixed.Id)).toMatchObject({ ofStatus: 'FIXED', changedAt });
  });

  it('is found by execution and by the source identity of its calls', async () => {
    const { lastExecution } = (await ledger.record(FINDINGS.fixed.Id))!;
    for (const name of [lastExecution, sourceIdentity(lastExecution), sourceIdentity(lastExecution).slice(7)])
      expect(await ledger.byExecution(name)).toMatchObject({
        findingId: FINDINGS.fixed.Id,
        line: { outcome: 'FIXED' },
      });
    expect(await ledger.byExecution('suture-00000000000000000000000000000000')).toBeUndefined();
  });

  it('is on exactly one page of a list without filters', async () => {
    const all: string[] = [];
    let next: string | undefined;
    do {
      const page = await ledger.list({}, { limit: 1, next });
      all.push(...page.items.map(({ findingId }) => findingId));
      next = page.next;
    } while (next !== undefined);
    expect(all.sort()).toEqual(
      Object.values(FINDINGS)
        .map(({ Id }) => Id)
        .sort(),
    );
  });
});

describe('the history of a finding', () => {
  it('contains the checks of triage, the change and its time', async () => {
    const [line] = await ledger.history(FINDINGS.fixed.Id);
    expect(line!.job.checks).toContainEqual({ check: 'Workflow.Status', value: 'NEW', passed: true });
    expect(line!.job.result).toMatchObject({ kind: 'fixed', summary: expect.stringContaining('tcp 22') });
    expect(Date.parse(line!.job.receivedAt!)).toBeLessThanOrEqual(Date.parse(line!.at));
  });
  it('contains the reason of a failure, its state and the number of attempts', async () => {
    const [line] = await ledger.history(FINDINGS.failed.Id);
    expect(line!.failure).toMatchObject({
      error: 'MemberRoleUnavailable',
      state: 'Remediate',
      attempts: 1,
      message: expect.stringContaining('deploy the member role'),
    });
    expect(await ledger.record(FINDINGS.failed.Id)).toMatchObject({
      error: 'MemberRoleUnavailable',
      reason: expect.stringContaining('sts:AssumeRole'),
      remediation: 'ec2/close-admin-ports',
    });
  });
});

describe('the state before a change', () => {
  it('is kept in the journal while a rollback is possible, and so is the finding in the ledger', async () => {
    const expiry = async (account: string, TableName: string, pk: string) => {
      const { Items } = await new DynamoDBClient(suture.sandbox.administrator(account)).send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
        }),
      );
      const days = Items!.map(({ expires }) => (Number(expires!.N) * 1000 - suture.kernel.clock.now()) / 86_400_000);
      return days.map((each) => Math.round(each));
    };
    const { securityAccount, serviceAccount } = suture.context;
    const { Id } = FINDINGS.fixed;
    const key = journalKeyOf(closeAdminPorts, FINDINGS.fixed);
    expect(await expiry(serviceAccount, JOURNAL_TABLE, key)).toEqual([ROLLBACK_DAYS]);
    expect(await expiry(securityAccount, LEDGER_TABLE, `finding#${Id}`)).toEqual([ROLLBACK_DAYS, ROLLBACK_DAYS]);
    expect(await expiry(securityAccount, LEDGER_TABLE, `finding#${FINDINGS.off.Id}`)).toEqual([30, 30]);
  });
});

describe('the statistics of a day', () => {
  it('count the outcomes by account and control, and the durations of fixes', async () => {
    const statistics = await ledger.statistics([today]);
    const of = (account: string, control: string) =>
      statistics.find((each) => each.account === account && each.control === control)?.endings;
    expect(of(SHOP, 'EC2.13')).toEqual({ FIXED: 1 });
    expect(of(DATA, 'EC2.14')).toEqual({ PLANNED: 1 });
    expect(of(TRAINING, 'EC2.13')).toEqual({ ARCHIVED: 1 });
    expect(of(ACQUIRED, 'EC2.13')).toEqual({ FAILED: 1 });
    expect(of(SHOP, 'S3.1')).toEqual({ IGNORED: 1 });
    const durations = sumOf(statistics.map((each) => each.durations));
    const { receivedAt, settledAt } = (await ledger.record(FINDINGS.fixed.Id))!;
    const seconds = (Date.parse(settledAt!) - Date.parse(receivedAt)) / 1000;
    const half = percentile(durations, 0.5)!;
    expect(half).toBeGreaterThan(seconds * 0.9 - 1);
    expect(half).toBeLessThan(seconds * 1.1 + 1);
  });
  it('count findings by status without reading them', async () => {
    expect(await ledger.count({ status: 'FAILED' })).toBe(1);
    expect(await ledger.count({ status: 'FAILED', account: SHOP })).toBe(0);
  });
});

it('no function of this release overwrites an item of a later one', async () => {
  const client = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  const { job } = (await ledger.record(FINDINGS.failed.Id))!;
  const keys = [RECORD, historyKey(job)].map((sk) => ({ pk: { S: findingKey(job.finding.id) }, sk: { S: sk } }));
  for (const Key of keys)
    await client.send(
      new UpdateItemCommand({
        ...{ TableName: LEDGER_TABLE, Key, UpdateExpression: 'SET v = :later' },
        ExpressionAttributeValues: { ':later': { N: '4' } },
      }),
    );
  const items = () =>
    Promise.all(
      keys.map(async (Key) => (await client.send(new GetItemCommand({ TableName: LEDGER_TABLE, Key }))).Item),
    );
  const before = await items();
  const later = () => suture.kernel.clock.now() + 2 * 3_600_000;
  const own = dynamoLedger(LEDGER_TABLE, client, later);
  const failure = { at: new Date(later()).toISOString(), error: 'Stopped', message: 'a trial', state: 'Remediate' };
  await own.close(job);
  await own.wait(job);
  await own.record([job]);
  await own.fail(job, failure, false);
  const leases = dynamoLeases(LEDGER_TABLE, client, later);
  const facts = await leases.readFacts(job, job.work!);
  expect(await leases.take(job, job.work!, facts, { trials: [] })).toBe(false);
  expect(await items()).toEqual(before);
});
