/** A change happens once, one at a time for each resource, and only while policy and the kill switch allow it. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRule } from '../../functions/remediations/ec2/fixtures.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { groupIdOf } from '../support/inspection.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { ACQUIRED, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;
const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
});
afterAll(() => suture.sandbox.close());

const revokes = ({ AwsAccountId }: ControlFinding) =>
  suture.kernel.calls.filter(
    ({ account, operation }) => account === AwsAccountId && operation === 'RevokeSecurityGroupIngress',
  ).length;

/** The execution that reads first keeps its lease and waits. */
function throttledReads(count: number): FaultRule {
  let left = count;
  return ({ operation, principal }) => {
    const isRead = operation === 'DescribeSecurityGroupRules' && principal.kind === 'session';
    if (!isRead || !principal.role.endsWith('/suture-member') || left === 0) return undefined;
    left -= 1;
    return { kind: 'error', code: 'RequestLimitExceeded', status: 503 };
  };
}

async function errorsIn(executionArn: string): Promise<(string | undefined)[]> {
  const history = new GetExecutionHistoryCommand({ executionArn });
  const { events } = await new SFNClient(suture.sandbox.administrator(suture.context.securityAccount)).send(history);
  return events!.flatMap(({ taskFailedEventDetails: failed }) => (failed ? [failed.error] : []));
}

describe('the same finding', () => {
  it('causes one change if it arrives twice at once, and the duplicate execution names the other', async () => {
    const finding = await suture.arrange('EC2.13');
    const before = revokes(finding);
    const traces = await suture.process(finding, finding);
    expect(traces.map(({ route }) => route).sort()).toEqual(['duplicate', 'remediate']);
    const fixed = traces.find(({ route }) => route === 'remediate')!;
    const duplicate = traces.find(({ route }) => route === 'duplicate')!;
    expect(duplicate).toMatchObject({
      outcome: null,
      reason: `${fixed.execution!.arn} handles this finding, or did within the hour`,
      execution: { status: 'SUCCEEDED' },
    });
    expect(revokes(finding) - before).toBe(1);
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
    expect((await suture.outcomes(finding)).sort()).toEqual(['DUPLICATE', 'FIXED']);
  });
  it('is a duplicate within the hour, and is processed again after it', async () => {
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    await suture.kernel.clock.advance(HOUR - 60_000);
    suture.emit([finding]);
    await suture.sandbox.settled();
    expect((await suture.history(finding.Id)).at(-1)!.job.result).toMatchObject({ kind: 'duplicate' });
    await suture.kernel.clock.advance(120_000);
    suture.emit([finding]);
    await suture.sandbox.settled();
    expect((await suture.history(finding.Id)).at(-1)).toMatchObject({ outcome: 'COMPLIANT' });
  });
  it('is left to a person after five failed executions, whatever its UpdatedAt', async () => {
    const finding = await suture.arrange('EC2.13', { account: ACQUIRED });
    for (let failed = 1; failed <= 5; failed += 1) {
      const [trace] = await suture.process({
        ...finding,
        UpdatedAt: new Date(suture.kernel.clock.now()).toISOString(),
      });
      expect(trace).toMatchObject({ route: 'remediate', outcome: 'FAILED' });
      await suture.kernel.clock.advance(HOUR + 1000);
    }
    const [sixth] = await suture.process(finding);
    expect(sixth).toMatchObject({
      route: 'duplicate',
      reason: '5 executions failed on this finding; a person must look, then replay it with --again',
      calls: [],
    });
  });
});

describe('two findings about one resource', () => {
  it('are processed one after the other', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto', 'EC2.14': 'auto' } });
    const ssh = await suture.arrange('EC2.13');
    const rdp = suture.finding('EC2.14', ssh.Resources[0]!);
    await new EC2Client(suture.sandbox.administrator(SHOP)).send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: groupIdOf(ssh.Resources[0]!),
        IpPermissions: [openRule(3389)],
      }),
    );

    const traces = await suture.withFaults([throttledReads(1)], () => suture.process(ssh, rdp));

    expect(traces.map(({ outcome }) => outcome)).toEqual(['FIXED', 'FIXED']);
    expect(await suture.inbound(ssh)).toEqual([HTTPS]);
    const errors = await Promise.all(traces.map(({ execution }) => errorsIn(execution!.arn)));
    expect(errors.flat()).toContain('ResourceBusy');
    const [first, second] = traces.map(({ execution }) => suture.callsOf(execution!.arn).map(({ at }) => at));
    expect(Math.max(...first!) < Math.min(...second!) || Math.max(...second!) < Math.min(...first!)).toBe(true);
    await suture.setPolicy(TEST_POLICY);
  });
});

describe('a sender that never stops', () => {
  const UNDER_FOUR = ['EC2.13', 'EC2.14', 'EC2.18', 'EC2.19'] as const;
  const writesTo = (groupId: string) =>
    suture.kernel.calls.filter(({ operation, role, decisions }) => {
      const writes = /^(Revoke|Authorize|Modify)SecurityGroup/.test(operation) && role?.endsWith('/suture-member');
      return writes && decisions.some(({ resource }) => resource.includes(groupId));
    }).length;

  beforeAll(() =>
    suture.setPolicy({ ...TEST_POLICY, controls: Object.fromEntries(UNDER_FOUR.map((control) => [control, 'auto'])) }),
  );
  afterAll(() => suture.setPolicy(TEST_POLICY));

  it('with ten events for each of four controls causes at most one change for each control', async () => {
    const ssh = await suture.arrange('EC2.13');
    const groupId = groupIdOf(ssh.Resources[0]!);
    await new EC2Client(suture.sandbox.administrator(SHOP)).send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [openRule(3389)] }),
    );
    const findings = [ssh, ...UNDER_FOUR.slice(1).map((control) => suture.finding(control, ssh.Resources[0]!))];
    const executionsBefore = deliveries(suture.kernel).length;
    for (let n = 0; n < 40; n++) suture.emit([findings[(n * 7) % 4]]);
    await suture.sandbox.settled();

    const lines = (await Promise.all(findings.map(({ Id }) => suture.history(Id)))).flat();
    const count = (outcome: string) => lines.filter((line) => line.outcome === outcome).length;
    expect([lines.length, count('DUPLICATE'), count('FIXED') + count('COMPLIANT')]).toEqual([40, 36, 4]);
    expect(count('FIXED')).toBe(writesTo(groupId));
    // Suture's own updates of findings came back as events, and none of them started an execution.
    expect(deliveries(suture.kernel).length - executionsBefore).toBe(40);

    const written = writesTo(groupId);
    await suture.kernel.clock.advance(18 * HOUR);
    const UpdatedAt = new Date(suture.kernel.clock.now()).toISOString();
    // Again from Security Hub, which has their workflow status, and from a sender who sets them to NEW.
    for (const finding of findings) putFinding(suture.kernel, { ...finding, UpdatedAt } as never);
    for (const finding of findings) suture.emit([{ ...finding, UpdatedAt }]);
    await suture.sandbox.settled();
    expect(writesTo(groupId)).toBe(written);
    for (const finding of findings) expect(suture.securityHub(finding).status).toBe('NOTIFIED');
  });
});

describe('the kill switch', () => {
  const dynamo = () => new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  const stop = { pk: { S: 'stop' }, sk: { S: 'all' } };

  it('stops every write with its reason, until it is lifted and the execution is redriven', async () => {
    const finding = await suture.arrange('EC2.13');
    const Item = { ...stop, reason: { S: 'the network team is moving to new groups' } };
    await dynamo().send(new PutItemCommand({ TableName: LEDGER_TABLE, Item }));
    const [trace] = await suture.process(finding);
    expect(trace).toMatchObject({ outcome: 'FAILED', calls: [], execution: { error: { name: 'Stopped' } } });
    expect(trace.execution!.path.at(-1)).toBe('Remediate');
    expect(trace.reason).toContain('the network team is moving to new groups');
    expect(trace.reason).toContain('replay --failed --error Stopped');
    expect(await suture.inbound(finding)).toContain(SSH);

    await dynamo().send(new DeleteItemCommand({ TableName: LEDGER_TABLE, Key: stop }));
    expect((await suture.redrive(trace.execution!.arn)).status).toBe('SUCCEEDED');
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
  });
});

describe('the cap', () => {
  afterEach(() => suture.setPolicy(TEST_POLICY));

  it('limits the executions per account and hour: others wait for the next hour', async () => {
    await suture.setPolicy({ ...TEST_POLICY, caps: { perAccountAndHour: 2 } });
    await suture.advanceToNextHour();
    const hour = suture.kernel.clock.now();
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const traces = await suture.process(...findings);
    expect(traces.map(({ outcome }) => outcome)).toEqual(['FIXED', 'FIXED', 'FIXED']);
    const waited = traces.filter(({ execution }) => execution!.path.includes('WaitForWindow'));
    expect(waited).toHaveLength(1);
    expect(suture.kernel.clock.now()).toBeGreaterThanOrEqual(hour + 3_600_000);
  });
  it('counts an execution whose first attempt found its resource busy', async () => {
    await suture.setPolicy({
      ...TEST_POLICY,
      controls: { 'EC2.13': 'auto', 'EC2.14': 'auto' },
      caps: { perAccountAndHour: 2 },
    });
    await suture.advanceToNextHour();
    const ssh = await suture.arrange('EC2.13');
    const rdp = suture.finding('EC2.14', ssh.Resources[0]!);
    const other = await suture.arrange('EC2.13');
    await suture.withFaults([throttledReads(1)], () => suture.process(ssh, rdp));
    const [trace] = await suture.process(other);
    expect(trace.execution!.path).toContain('WaitForWindow');
  });
  it('counts an execution once, however often it is tried', async () => {
    await suture.setPolicy({ ...TEST_POLICY, caps: { perAccountAndHour: 2 } });
    await suture.advanceToNextHour();
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const [first] = await suture.withFaults([throttledReads(7)], () => suture.process(findings[0]!));
    expect(await errorsIn(first.execution!.arn)).toEqual(['Throttled', 'Throttled']);
    expect((await suture.process(findings[1]!))[0].outcome).toBe('FIXED');
  });
});

describe('a policy', () => {
  const unreadable: FaultRule = ({ service }) =>
    service === 'appconfigdata' ? { kind: 'error', code: 'InternalServerException', status: 500 } : undefined;

  it('that cannot be read fails the execution in Triage after every retry, and nothing is written', async () => {
    const finding = await suture.arrange('EC2.13');
    await suture.kernel.clock.advance(61_000);
    const [trace] = await suture.withFaults([unreadable], () => suture.process(finding));
    expect(trace.execution).toMatchObject({ status: 'FAILED', path: ['Triage'], error: { name: 'PolicyUnavailable' } });
    expect(trace.execution!.transitions).toBe(21);
    expect(trace.reason).toContain('The policy could not be read, so nothing is written');
    expect(trace.reason).toContain('Look at the deployment of the AppConfig profile');
    expect(await suture.inbound(finding)).toContain(SSH);
    expect(suture.securityHub(finding)).toEqual({ status: 'NEW', note: undefined });
    expect((await suture.redrive(trace.execution!.arn)).status).toBe('SUCCEEDED');
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
  });
  it('that cannot be read is retried until it can be read', async () => {
    const finding = await suture.arrange('EC2.13');
    await suture.kernel.clock.advance(61_000);
    let calls = 0;
    const [trace] = await suture.withFaults(
      [(call) => (call.service === 'appconfigdata' && ++calls <= 20 ? unreadable(call) : undefined)],
      () => suture.process(finding),
    );
    expect(trace).toMatchObject({ outcome: 'FIXED', execution: { status: 'SUCCEEDED' } });
    expect(await errorsIn(trace.execution!.arn)).toContain('PolicyUnavailable');
  });
  it('that is invalid is refused with its problems, and the previous one stays deployed', async () => {
    const finding = await suture.arrange('EC2.13');
    const invalid = { ...TEST_POLICY, controls: { 'EC2.13': 'always' } };
    await expect(suture.setPolicy(invalid)).rejects.toThrow(
      'controls.EC2.13: is \\"always\\": must be off, observe, approve or auto',
    );
    await suture.kernel.clock.advance(61_000);
    expect((await suture.process(finding))[0].outcome).toBe('FIXED');
  });
});

describe('a policy that changes after triage', () => {
  it('stops the remediation if it changes to off, until it allows it again', async () => {
    const finding = await suture.arrange('EC2.13');
    // Fails after triage, so that there is an execution to redrive.
    const [trace] = await suture.withFaults(
      [
        ({ operation }) =>
          operation === 'AssumeRole' ? { kind: 'error', code: 'AccessDenied', status: 403 } : undefined,
      ],
      () => suture.process(finding),
    );
    expect(trace.execution!.error!.name).toBe('MemberRoleUnavailable');

    await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.13': 'off' } });
    const stopped = await suture.redrive(trace.execution!.arn);
    expect(stopped).toMatchObject({ status: 'FAILED', error: 'Stopped' });
    expect(stopped.cause).toContain(
      'policy says off for EC2.13; when the finding was triaged, policy allowed apply. Nothing was written.',
    );
    expect(await suture.inbound(finding)).toContain(SSH);

    await suture.setPolicy(TEST_POLICY);
    expect((await suture.redrive(trace.execution!.arn)).status).toBe('SUCCEEDED');
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
  });
});
