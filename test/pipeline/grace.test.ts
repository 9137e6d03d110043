/** Owners are told first, and have time: the executed workflow, on a virtual clock. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopsClient } from '../../cli/clients/stops.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { nextCommand } from '../../cli/commands/next.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { EVENTS } from '../../functions/domain/events.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { traceOf } from '../../lab/organization/trace.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { eventRecorder } from '../support/event-recorder.ts';
import { groupIdOf } from '../support/inspection.ts';
import { killEachOnce } from '../support/kill-each-once.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SSH = 'tcp 22 from 0.0.0.0/0';
/** The reminder is an hour after the first notice, and the end a day later: few schedules run meanwhile. */
const GRACE = '25h';
const POLICY = {
  ...TEST_POLICY,
  whenManagedBy: 'fix',
  grace: GRACE,
  owners: { shop: { slack: '#shop', accounts: [SHOP] } },
};

const recorder = eventRecorder();
let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  suture.kernel.faults.push(recorder.rule);
  await suture.setPolicy(POLICY);
});
afterAll(() => suture.sandbox.close());

const now = () => suture.kernel.clock.now();
const advance = (ms: number) => suture.kernel.clock.advance(ms);
const recordOf = ({ Id }: ControlFinding) => suture.ledger().record(Id);

/** Puts findings into Security Hub without waiting for the end of their executions. */
const put = (...findings: ControlFinding[]) =>
  findings.map((each) => putFinding(suture.kernel, each as never).eventId!);
const pathOf = (event: string, finding: ControlFinding) => traceOf(suture.kernel, event, finding).execution!.path;
/** Names of the distinct events of a finding: one that is delivered again has the same id. */
const eventsOf = ({ Id }: ControlFinding): string[] => {
  const own = recorder.events.filter(({ detail }) => detail.finding?.id === Id);
  return [...new Map(own.map(({ name, detail }) => [detail.id, name])).values()].map((name) => name.split('.')[2]!);
};
const lastEvent = ({ Id }: ControlFinding) => recorder.events.findLast(({ detail }) => detail.finding?.id === Id)!;

async function fixAsOwner({ AwsAccountId, Region, Resources }: ControlFinding): Promise<void> {
  const ec2 = new EC2Client(suture.sandbox.administrator(AwsAccountId, Region));
  const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' };
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: groupIdOf(Resources[0]!), ...rule }));
}

const sumOf = async (name: 'told' | 'fixed', days: readonly string[]) =>
  (await suture.ledger().statistics(days)).reduce((sum, each) => sum + each[name], 0);
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Returns the output of the commands while the owner has time. */
async function look({ Id }: ControlFinding) {
  const operator = testOperator(suture);
  return {
    shown: await showCommand(Id, { ...operator, json: false }),
    status: JSON.parse((await statusCommand(operator)).text),
    listed: await listCommand({ ...operator, json: false, waiting: true }),
    next: (await nextCommand(operator)).text,
  };
}

it('the owner is told and reminded, then Suture fixes; meanwhile other findings are fixed by their owners, exempted, or fixed early', async () => {
  const [fixed, ownerFixed, exempted, early] = [
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.13'),
  ];
  const began = now();
  const [event] = put(fixed, ownerFixed, exempted, early);
  await advance(10 * MINUTE);

  const first = lastEvent(fixed);
  expect(first.name).toBe('suture.finding.notified.v1');
  for (const { name, detail } of recorder.events) expect(() => EVENTS[name].parse(detail), name).not.toThrow();
  const { dueBy } = first.detail;
  expect(first.detail).toMatchObject({ owner: { name: 'shop', places: [{ kind: 'slack', to: '#shop' }] } });
  expect(Date.parse(dueBy) - began).toBeGreaterThanOrEqual(25 * HOUR);
  expect(Date.parse(dueBy) - began).toBeLessThan(25 * HOUR + 5 * MINUTE);
  const then = `waits for its owner until ${dueBy}, then Suture does this: `;
  expect(suture.securityHub(fixed)).toEqual({
    status: 'NOTIFIED',
    note: expect.stringContaining(`(for shop): ${then}`),
  });

  await meanwhile(suture.kernel, async () => {
    expect(await suture.inbound(fixed)).toContain(SSH);
    expect(await recordOf(fixed)).toMatchObject({ ofStatus: 'WAITING', job: { dueBy, notice: 'first' } });
    const { shown, status, listed, next } = await look(fixed);
    expect(shown).toContain(`Its owner, shop, was told`);
    expect(shown).toMatch(/Next: .* replay \w+ --early/);
    expect([status.waitingForOwner, listed.split('\n').filter((line) => line.includes('EC2.13')).length]).toEqual([
      4, 4,
    ]);
    expect(next).toContain('4 changes wait for the owner');

    // The finding arrives again: no second execution waits, and the owner's time does not restart.
    suture.emit([{ ...fixed, Workflow: { Status: 'NEW' } }]);
    await fixAsOwner(ownerFixed);
    const end = { id: 'partner', reason: 'a partner needs it', owner: 'shop', expires: '2099-12-31' };
    await suture.setPolicy({ ...POLICY, exemptions: [{ ...end, criteria: { resource: exempted.Resources[0]!.Id } }] });
    expect(await suture.outcomes(fixed)).toEqual(['DUPLICATE']);

    const operator = testOperator(suture);
    const { text } = await replayCommand(early.Id, { ...operator, early: true, reason: 'it is attacked', wait: false });
    expect(JSON.parse(text).plan).toMatchObject([
      { how: 'start', why: 'the time of its owner ends, because of --early' },
    ]);
    await advance(MINUTE);
    expect(await suture.inbound(early)).not.toContain(SSH);
  });

  await advance(HOUR);
  expect(eventsOf(fixed)).toEqual(['notified', 'reminder']);
  expect(lastEvent(fixed).detail.dueBy).toBe(dueBy);
  // A finding fixed by its owner gets no reminder, and is closed as the owner's work.
  expect(eventsOf(ownerFixed)).toEqual(['notified', 'compliant']);
  expect(lastEvent(ownerFixed).detail.fixedByOwner).toBe(true);
  expect(eventsOf(exempted)).toEqual(['notified']);
  // At once, not by the search for orphaned executions.
  const left = await meanwhile(suture.kernel, () => recordOf(exempted));
  expect(left).toMatchObject({ ofStatus: 'IGNORED', reason: expect.stringContaining('partner') });

  await suture.sandbox.settled();
  expect(now()).toBeGreaterThanOrEqual(Date.parse(dueBy));
  const open = [fixed, exempted].map((each) => suture.inbound(each));
  expect((await Promise.all(open)).map((rules) => rules.includes(SSH))).toEqual([false, true]);
  expect(await recordOf(ownerFixed)).toMatchObject({
    ofStatus: 'COMPLIANT',
    reason: expect.stringMatching(/^fixed by its owner/),
  });
  expect(suture.securityHub(ownerFixed)).toEqual({
    status: 'NOTIFIED',
    note: 'Suture, ec2/close-admin-ports: fixed by its owner.',
  });
  expect([fixed, early].map(eventsOf)).toEqual([
    ['notified', 'reminder', 'fixed'],
    ['notified', 'fixed'],
  ]);
  expect((await suture.outcomes(early)).sort()).toEqual(['DUPLICATE', 'FIXED']);
  const TELLING = ['Plan', 'Outcome', 'TellOwner', 'WaitForOwner', 'TriageAgain', 'Route'];
  expect(pathOf(event!, fixed)).toEqual(['Triage', 'Route', ...TELLING, ...TELLING, 'Remediate', 'Outcome', 'Report']);
  const { job } = (await suture.history(fixed.Id)).find(({ outcome }) => outcome === 'FIXED')!;
  const TOLD = ['Plan', 'TellOwner', 'TriageAgain'];
  expect(job.steps!.map(({ state }) => state)).toEqual(['Triage', ...TOLD, ...TOLD, 'Remediate', 'Report']);
  const days = [dayOf(began), dayOf(began + 24 * HOUR)];
  expect([await sumOf('told', days), await sumOf('fixed', days)]).toEqual([4, 1]);
});

const switches = () => {
  const { aws } = testOperator(suture);
  return { ledger: stopsClient(new DynamoDBClient(aws), now) };
};

it('each finding ends once and right if functions are killed, Suture is stopped, or policy asks for approval at the end', async () => {
  await suture.setPolicy({ ...POLICY, grace: '2h' });
  const killed: ControlFinding[] = [];
  for (let n = 0; n < 6; n++) killed.push(await suture.arrange('EC2.13'));
  const { rule, killed: kills } = killEachOnce();
  await suture.withFaults([rule], async () => {
    put(...killed);
    await suture.sandbox.settled();
  });
  for (const role of ['triage', 'proxy', 'ec2-close-admin-ports', 'report', 'finding-updates'])
    expect(
      [...kills].some((each) => each.startsWith(`suture-${role} `)),
      role,
    ).toBe(true);
  expect([...kills].filter((each) => /suture-report (UpdateItem|SendMessage|PutEvents) kill/.test(each))).toHaveLength(
    6,
  );
  for (const finding of killed) {
    expect(eventsOf(finding)).toEqual(['notified', 'fixed']);
    expect(await suture.outcomes(finding)).toEqual(['FIXED']);
  }

  const [stopped, asked] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
  put(stopped, asked);
  await advance(5 * MINUTE);
  await meanwhile(suture.kernel, () => stopCommand({ ...switches(), reason: 'a freeze', yes: true }));
  await suture.sandbox.settled();
  for (const finding of [stopped, asked]) {
    expect(await suture.inbound(finding)).toContain(SSH);
    expect(await recordOf(finding)).toMatchObject({ ofStatus: 'FAILED', error: 'Stopped' });
    // The note, record, event and ticket no longer promise a change.
    const { note, status } = suture.securityHub(finding);
    expect([status, note]).toEqual([
      'NOTIFIED',
      'Suture, ec2/close-admin-ports: failed with Stopped. Nothing more happens until somebody replays it.',
    ]);
    const { job } = (await recordOf(finding))!;
    expect([job.toldAt !== undefined, job.dueBy, job.notice]).toEqual([true, undefined, undefined]);
    expect(lastEvent(finding).detail).not.toHaveProperty('dueBy');
    expect(lastEvent(finding).detail.message.summary).toContain('Suture is stopped');
  }
  await resumeCommand({ ...switches(), reason: 'it is over', yes: true });
  const [, execution] = await Promise.all([stopped, asked].map(async (each) => (await recordOf(each))!.lastExecution));
  await suture.setPolicy({ ...POLICY, grace: '2h', controls: { 'EC2.13': 'approve' } });
  // The owner's time ended before the stop: a new execution asks for approval without a notice.
  const operator = testOperator(suture);
  await replayCommand(asked.Id, { ...operator, again: true, reason: 'it is over', wait: false });
  await advance(5 * MINUTE);
  expect(await recordOf(asked)).toMatchObject({ ofStatus: 'WAITING', job: { result: { awaits: 'approval' } } });
  expect(eventsOf(asked)).toEqual(['notified', 'failed', 'waiting']);
  expect(execution).not.toBe((await recordOf(asked))!.lastExecution);
  await suture.setPolicy({ ...POLICY, grace: '2h' });
  await replayCommand(stopped.Id, { ...operator, reason: 'it is over' });
  expect(await suture.inbound(stopped)).not.toContain(SSH);
  expect(eventsOf(stopped)).toEqual(['notified', 'failed', 'fixed']);
});
