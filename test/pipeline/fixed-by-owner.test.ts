/** Findings that stand with their owner, and whose owner fixes the resource: the executed workflow. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  AuthorizeSecurityGroupIngressCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopsClient } from '../../cli/clients/stops.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { EC2 } from '../../sandbox/services/ec2/state.ts';
import { findingById, putFinding, reevaluate } from '../../sandbox/services/securityhub/simulation.ts';
import { eventRecorder, type RecordedEvent } from '../support/event-recorder.ts';
import { groupIdOf } from '../support/inspection.ts';
import { killEachOnce } from '../support/kill-each-once.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' };
const FIXED_BY_OWNER = 'Suture, ec2/close-admin-ports: fixed by its owner.';
const POLICY = {
  ...TEST_POLICY,
  whenManagedBy: 'notify',
  managedTags: { other: ['pulumi:project'] },
  owners: { shop: { jira: 'SHOP', accounts: [SHOP] } },
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

const recordOf = ({ Id }: ControlFinding) => suture.ledger().record(Id);
const eventsOf = ({ Id }: ControlFinding) => {
  const own = recorder.events.filter(({ detail }) => detail.finding?.id === Id);
  return [...new Map(own.map((each) => [each.detail.id, each])).values()];
};
const kindsOf = (finding: ControlFinding) => eventsOf(finding).map(({ name }) => name.split('.')[2]);
const ec2 = () => new EC2Client(suture.sandbox.administrator(SHOP));
const groupOf = ({ Resources }: ControlFinding) => groupIdOf(Resources[0]!);
const fixAsOwner = (finding: ControlFinding) =>
  ec2().send(new RevokeSecurityGroupIngressCommand({ GroupId: groupOf(finding), ...SSH }));

/** Findings whose owner was told, because code manages their resources. */
async function toldFindings(count: number, more: object = {}): Promise<ControlFinding[]> {
  const findings: ControlFinding[] = [];
  for (let n = 0; n < count; n++) {
    const finding = { ...(await suture.arrange('EC2.13')), ...more };
    const place = { partition: suture.context.partition, account: SHOP, region: suture.context.homeRegion };
    suture.kernel.state(EC2, place).tags.set(groupOf(finding), { 'pulumi:project': 'shop' });
    findings.push(finding);
  }
  const traces = await suture.process(...findings);
  expect(traces.map(({ outcome }) => outcome)).toEqual(findings.map(() => 'NOTIFIED'));
  return findings;
}

/** Security Hub evaluates the control, and says that it passes. */
async function evaluate(...findings: ControlFinding[]): Promise<void> {
  for (const { Id } of findings) reevaluate(suture.kernel, Id, 'PASSED');
  await suture.sandbox.settled();
}
const counted = async (name: 'fixed' | 'told') => {
  const days = [new Date(suture.kernel.clock.now()).toISOString().slice(0, 10)];
  return (await suture.ledger().statistics(days)).reduce((sum, each) => sum + each[name], 0);
};

it('closes a finding whose owner fixed the resource as the owner’s work, and leaves others with their owner', async () => {
  const before = await counted('fixed');
  const [ownerFixed, claimed, gone] = (await toldFindings(3)) as [ControlFinding, ControlFinding, ControlFinding];
  await fixAsOwner(ownerFixed);
  await ec2().send(new DeleteSecurityGroupCommand({ GroupId: groupOf(gone) }));
  putFinding(suture.kernel, { ...findingById(suture.kernel, gone.Id)!, RecordState: 'ARCHIVED' });
  await evaluate(ownerFixed, claimed);

  for (const finding of [ownerFixed, gone]) {
    const record = (await recordOf(finding))!;
    expect(record).toMatchObject({
      ofStatus: 'COMPLIANT',
      reason: expect.stringMatching(/^fixed by its owner, who was told 2026-03-03T/),
    });
    expect(kindsOf(finding)).toEqual(['notified', 'compliant']);
    const [told, closed] = eventsOf(finding) as [RecordedEvent, RecordedEvent];
    expect(closed.detail).toMatchObject({ fixedByOwner: true, owner: { name: 'shop' } });
    // The same ticket, at the same place.
    expect([closed.detail.message.ticket, closed.detail.message.places]).toEqual([
      told.detail.message.ticket,
      { jira: 'SHOP' },
    ]);
  }
  expect(suture.securityHub(ownerFixed)).toEqual({ status: 'RESOLVED', note: FIXED_BY_OWNER });
  expect(suture.securityHub(gone)).toEqual({ status: 'NOTIFIED', note: FIXED_BY_OWNER });
  expect((await counted('fixed')) - before).toBe(2);
  expect(await showCommand(ownerFixed.Id, { ...testOperator(suture), json: false })).toContain('fixed by its owner');

  expect(await recordOf(claimed)).toMatchObject({ ofStatus: 'NOTIFIED' });
  expect(await suture.outcomes(claimed)).toEqual(['NOTIFIED', 'DUPLICATE']);
  expect((await suture.history(claimed.Id)).at(-1)!.job.result).toMatchObject({
    because: expect.stringContaining('the resource is not as ec2/close-admin-ports wants it'),
  });
  expect(kindsOf(claimed)).toEqual(['notified']);
  expect(suture.securityHub(claimed).note).toContain('not changed: managed by code');

  // Security Hub sends both again every day: a closed finding starts nothing, and an open one is checked again.
  await fixAsOwner(claimed);
  await evaluate(ownerFixed, claimed);
  expect(await suture.outcomes(ownerFixed)).toEqual(['NOTIFIED', 'COMPLIANT']);
  expect(await suture.outcomes(claimed)).toEqual(['NOTIFIED', 'DUPLICATE', 'COMPLIANT']);
});

it('only reads, whatever policy says now', async () => {
  const [finding] = (await toldFindings(1)) as [ControlFinding];
  await suture.setPolicy({ ...POLICY, controls: {} });
  await evaluate(finding);
  const { job } = (await suture.history(finding.Id)).at(-1)!;
  expect(job.work).toMatchObject({ mode: 'plan', lookOnly: true });
  const calls = suture.callsOf(job.execution).map(({ operation }) => operation);
  expect(calls.filter((call) => !/^(AssumeRole|Describe)/.test(call))).toEqual([]);
  await fixAsOwner(finding);
  await evaluate(finding);
  expect(await recordOf(finding)).toMatchObject({ ofStatus: 'COMPLIANT' });
  await suture.setPolicy(POLICY);
});

it('changes nothing if it fails, and closes the finding when Security Hub sends it again', async () => {
  const [finding] = (await toldFindings(1)) as [ControlFinding];
  await fixAsOwner(finding);
  const { aws } = testOperator(suture);
  const switches = { ledger: stopsClient(new DynamoDBClient(aws), () => suture.kernel.clock.now()) };
  await stopCommand({ ...switches, reason: 'a freeze', yes: true });
  await evaluate(finding);
  expect(await suture.outcomes(finding)).toEqual(['NOTIFIED', 'FAILED']);
  expect(await recordOf(finding)).toMatchObject({ ofStatus: 'NOTIFIED' });
  expect(kindsOf(finding)).toEqual(['notified']);
  await resumeCommand({ ...switches, reason: 'it is over', yes: true });
  await evaluate(finding);
  expect(await recordOf(finding)).toMatchObject({ ofStatus: 'COMPLIANT' });
});

it('closes each finding once, whichever function is killed', async () => {
  const findings = await toldFindings(4);
  for (const each of findings) await fixAsOwner(each);
  const before = await counted('fixed');
  const { rule, killed } = killEachOnce();
  await suture.withFaults([rule], () => evaluate(...findings));
  for (const role of ['triage', 'proxy', 'ec2-close-admin-ports', 'report', 'finding-updates'])
    expect(
      [...killed].some((each) => each.startsWith(`suture-${role} `)),
      role,
    ).toBe(true);
  for (const finding of findings) {
    expect(await suture.outcomes(finding)).toEqual(['NOTIFIED', 'COMPLIANT']);
    expect(kindsOf(finding)).toEqual(['notified', 'compliant']);
    expect(suture.securityHub(finding)).toEqual({ status: 'RESOLVED', note: FIXED_BY_OWNER });
  }
  expect((await counted('fixed')) - before).toBeGreaterThan(0);
});

it('closes a finding fixed by its owner that waits for its owner at once, and leaves others to their waiting execution', async () => {
  await suture.setPolicy({ ...POLICY, grace: '25h' });
  const [ownerFixed, claimed] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
  for (const each of [ownerFixed, claimed]) putFinding(suture.kernel, each as never);
  await suture.kernel.clock.advance(5 * 60_000);
  await meanwhile(suture.kernel, async () => {
    await fixAsOwner(ownerFixed);
    for (const { Id } of [ownerFixed, claimed]) reevaluate(suture.kernel, Id, 'PASSED');
    await suture.kernel.clock.advance(5 * 60_000);
    expect(await recordOf(ownerFixed)).toMatchObject({ ofStatus: 'COMPLIANT' });
    expect(suture.securityHub(ownerFixed)).toEqual({ status: 'RESOLVED', note: FIXED_BY_OWNER });
    expect(await recordOf(claimed)).toMatchObject({ ofStatus: 'WAITING' });
  });
  await suture.sandbox.settled();
  expect((await suture.outcomes(ownerFixed)).sort()).toEqual(['COMPLIANT', 'DUPLICATE']);
  expect(kindsOf(ownerFixed)).toEqual(['notified', 'compliant']);
  // Security Hub was wrong about this one: the owner's time continues, and the change is made at its end. Each note
  // causes an event of the finding, and so another check.
  expect(new Set(await suture.outcomes(claimed))).toEqual(new Set(['DUPLICATE', 'FIXED']));
  expect(kindsOf(claimed)).toEqual(['notified', 'reminder', 'fixed']);
  await suture.setPolicy(POLICY);
});

it('tells the owner again if the finding fails again', async () => {
  const [finding] = (await toldFindings(1)) as [ControlFinding];
  await fixAsOwner(finding);
  await evaluate(finding);
  await suture.kernel.clock.advance(61 * 60_000);
  await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupOf(finding), ...SSH }));
  reevaluate(suture.kernel, finding.Id, 'FAILED');
  await suture.sandbox.settled();
  expect(await suture.outcomes(finding)).toEqual(['NOTIFIED', 'COMPLIANT', 'NOTIFIED']);
  expect(suture.securityHub(finding).status).toBe('NOTIFIED');
});

it('ignores a finding with such a note that the member wrote itself, by its record in the ledger', async () => {
  const finding = await suture.arrange('EC2.13');
  const Note = { Text: 'Suture to its owner, ec2/close-admin-ports: x', UpdatedBy: 'suture', UpdatedAt: 'now' };
  const passed = { Compliance: { ...finding.Compliance, Status: 'PASSED' }, Workflow: { Status: 'RESOLVED' } };
  const [{ route, execution }] = await suture.process({ ...finding, ...passed, Note } as never);
  expect(route).toBe('ignore');
  expect(suture.callsOf(execution!.arn)).toEqual([]);
  expect(await recordOf(finding)).toMatchObject({ ofStatus: 'IGNORED' });
});

it('closes a finding with somebody else’s note when a person replays it, and keeps the note', async () => {
  const Note = { Text: 'ours', UpdatedBy: 'ann', UpdatedAt: '2026-03-03T00:00:00.000Z' };
  const [finding] = (await toldFindings(1, { Note })) as [ControlFinding];
  expect(suture.securityHub(finding)).toEqual({ status: 'NOTIFIED', note: 'ours' });
  await fixAsOwner(finding);
  await evaluate(finding);
  expect(await suture.outcomes(finding)).toEqual(['NOTIFIED']);
  await replayCommand(finding.Id, { ...testOperator(suture), again: true, reason: 'it is fixed' });
  expect(await suture.outcomes(finding)).toEqual(['NOTIFIED', 'COMPLIANT']);
  expect(suture.securityHub(finding).note).toBe('ours');
});

it('no longer promises a change if somebody stops the waiting execution', async () => {
  await suture.setPolicy({ ...POLICY, grace: '25h' });
  const finding = await suture.arrange('EC2.13');
  putFinding(suture.kernel, finding as never);
  await suture.kernel.clock.advance(5 * 60_000);
  await meanwhile(suture.kernel, async () => {
    const states = new SFNClient(suture.sandbox.administrator(suture.context.securityAccount));
    await states.send(new StopExecutionCommand({ executionArn: (await recordOf(finding))!.lastExecution }));
  });
  await suture.sandbox.settled();
  const { ofStatus, error, job } = (await recordOf(finding))!;
  expect([ofStatus, error, job.dueBy, job.notice]).toEqual(['FAILED', 'ExecutionAborted', undefined, undefined]);
  const [told, failed] = eventsOf(finding) as [RecordedEvent, RecordedEvent];
  expect([told.detail.dueBy !== undefined, failed.name]).toEqual([true, 'suture.finding.failed.v1']);
  expect(failed.detail).not.toHaveProperty('dueBy');
  expect(suture.securityHub(finding)).toEqual({
    status: 'NOTIFIED',
    note: 'Suture, ec2/close-admin-ports: failed with ExecutionAborted. Nothing more happens until somebody replays it.',
  });
  await suture.setPolicy(POLICY);
});
