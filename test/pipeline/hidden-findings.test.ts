/** No finding stays hidden: findings of an ended suppression become NEW again, and notes of people stay. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCommand } from '../../cli/commands/list.ts';
import { suppressionsCommand } from '../../cli/commands/suppressions.ts';
import { dynamoHiddenFindings } from '../../functions/ledger/hidden-findings.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { addKnownFinding, findingById } from '../../sandbox/services/securityhub/simulation.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;
const [BASTION] = TEST_POLICY.suppressions;

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

const setSuppressions = (...suppressions: object[]) => suture.setPolicy({ ...TEST_POLICY, controls: {}, suppressions });
async function archivedFinding(): Promise<ControlFinding> {
  const finding = await suture.arrange('EC2.13', { account: TRAINING });
  const [{ outcome }] = await suture.process(finding);
  expect(outcome).toBe('ARCHIVED');
  return finding;
}
async function update(
  { Id, ProductArn }: ControlFinding,
  fields: object,
  settings = suture.sandbox.administrator(suture.context.securityAccount),
): Promise<void> {
  const hub = new SecurityHubClient(settings);
  await hub.send(new BatchUpdateFindingsCommand({ FindingIdentifiers: [{ Id, ProductArn }], ...fields }));
  await suture.sandbox.settled();
}
const noteOf = (Text: string) => ({ Note: { Text, UpdatedBy: 'ada' } });
/** The schedule runs each hour. */
async function anHourLater(): Promise<void> {
  await suture.kernel.clock.advance(HOUR);
  await suture.sandbox.settled();
}
const suppressions = async () => JSON.parse(await suppressionsCommand(testOperator(suture)));
const statusOf = async ({ Id }: ControlFinding) => {
  const all = JSON.parse(await listCommand({ ...testOperator(suture), limit: 1000 }));
  return all.find(({ findingId }: { findingId: string }) => findingId === Id)?.ofStatus;
};

describe('a suppression', () => {
  it('is listed with the number of its findings, its start and its end', async () => {
    await setSuppressions(BASTION!);
    const since = suture.kernel.clock.now();
    await archivedFinding();
    await archivedFinding();
    const [line, ...others] = await suppressions();
    expect(others).toEqual([]);
    expect(line).toMatchObject({ id: 'bastion', state: 'live', holds: 2, until: '2099-12-31', owner: 'platform-team' });
    expect(Date.parse(line.since)).toBeGreaterThanOrEqual(since);
  });

  it.each<[string, () => Promise<void>]>([
    ['is gone from the policy', () => setSuppressions()],
    ['has had its last day', () => setSuppressions({ ...BASTION, expires: '2026-03-02' })],
  ])('that %s releases its findings: they are NEW and processed again', async (_, end) => {
    await setSuppressions(BASTION!);
    const finding = await archivedFinding();
    await anHourLater();
    expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
    await end();
    await anHourLater();
    expect(suture.securityHub(finding)).toEqual({
      status: 'NEW',
      note: 'Suture: the suppression bastion has ended, so it is processed again.',
    });
    expect(await suture.outcomes(finding)).toEqual(['ARCHIVED', 'IGNORED']);
    expect(await statusOf(finding)).toBe('IGNORED');
    await anHourLater();
    expect(await suppressions()).toEqual((await suppressions()).filter(({ holds }: { holds: number }) => holds === 0));
    expect((await suppressions()).filter(({ since }: { since: string | null }) => since)).toEqual([]);
  });

  it('with narrowed criteria releases findings that they no longer cover', async () => {
    await setSuppressions(BASTION!);
    const [covered, other] = [await archivedFinding(), await archivedFinding()];
    await anHourLater();
    const resource = covered!.Resources[0]!.Id;
    await setSuppressions({ ...BASTION, criteria: { control: 'EC2.13', resource } });
    await anHourLater();
    expect(suture.securityHub(covered!).status).toBe('SUPPRESSED');
    expect(suture.securityHub(other!).status).toBe('NEW');
    expect(await suppressions()).toContainEqual(expect.objectContaining({ id: 'bastion', state: 'live', holds: 1 }));
    await setSuppressions();
    await anHourLater();
    expect(suture.securityHub(covered!).status).toBe('NEW');
  });

  it('that another one replaces releases no finding that the other covers', async () => {
    await setSuppressions(BASTION!);
    const finding = await archivedFinding();
    await setSuppressions({ ...BASTION, id: 'training' });
    await anHourLater();
    expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
    expect(await suppressions()).toContainEqual(expect.objectContaining({ id: 'training', state: 'live', holds: 1 }));
    await setSuppressions();
    await anHourLater();
    expect(suture.securityHub(finding).status).toBe('NEW');
  });

  it('that ends does not reopen findings that pass, or that somebody has set to another status', async () => {
    await setSuppressions(BASTION!);
    const [passing, resolved] = [await archivedFinding(), await archivedFinding()];
    await suture.kernel.clock.advance(1000);
    await update(resolved!, { Workflow: { Status: 'RESOLVED' } });
    addKnownFinding(suture.kernel, { ...findingById(suture.kernel, passing!.Id)!, RecordState: 'ARCHIVED' });
    await setSuppressions();
    await anHourLater();
    expect(suture.securityHub(passing!).status).toBe('SUPPRESSED');
    expect(suture.securityHub(resolved!).status).toBe('RESOLVED');
    for (const finding of [passing!, resolved!]) expect(await statusOf(finding)).toBe('IGNORED');
  });
});

describe('a note on a suppressed finding', () => {
  const writers: Readonly<Record<string, () => ClientSettings>> = {
    'an analyst': () => suture.sandbox.administrator(suture.context.securityAccount),
    "an administrator of the finding's account": () => suture.sandbox.administrator(TRAINING),
  };
  it.each(Object.entries(writers))('by %s stays, and does not keep the finding hidden', async (_, settings) => {
    await setSuppressions(BASTION!);
    const finding = await archivedFinding();
    await suture.kernel.clock.advance(1000);
    await update(finding, noteOf('accepted by the board'), settings());
    await setSuppressions();
    await anHourLater();
    expect(suture.securityHub(finding)).toEqual({ status: 'NEW', note: 'accepted by the board' });
  });
});

describe('a failing finding that is not NEW', () => {
  it('is counted for its account once a day, unless Suture has set it aside', async () => {
    await suture.setPolicy({ ...TEST_POLICY, suppressions: [BASTION!] });
    await archivedFinding();
    await suture.process(await suture.arrange('EC2.13'));
    await suture.setPolicy({ ...TEST_POLICY, controls: {}, suppressions: [] });
    for (const Status of ['SUPPRESSED', 'NOTIFIED', 'RESOLVED']) {
      const finding = await suture.arrange('EC2.13', { account: DATA });
      await suture.process(finding);
      await update(finding, { Workflow: { Status } });
    }
    await suture.kernel.clock.advance(24 * HOUR);
    await suture.sandbox.settled();
    const day = new Date(suture.kernel.clock.now()).toISOString().slice(0, 10);
    const client = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
    const counts = await dynamoHiddenFindings(LEDGER_TABLE, client).get(day);
    expect(counts?.[DATA]).toBe(3);
    expect(counts?.[SHOP]).toBeUndefined();
  });
});

describe('a note that somebody has written', () => {
  it.each([
    ['fixed', { controls: { 'EC2.13': 'auto' } }, 'NOTIFIED'],
    ['archived', { controls: {}, suppressions: [BASTION!] }, 'SUPPRESSED'],
    ['waiting for approval', { controls: { 'EC2.13': 'approve' } }, 'NOTIFIED'],
  ])('stays when the finding is %s', async (_, policy, status) => {
    await suture.setPolicy({ ...TEST_POLICY, suppressions: [], ...policy });
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    const Note = { Text: 'ticket 42', UpdatedBy: 'ada', UpdatedAt: finding.UpdatedAt };
    await suture.process({ ...finding, Note } as ControlFinding);
    expect(suture.securityHub(finding)).toEqual({ status, note: 'ticket 42' });
  });
});
