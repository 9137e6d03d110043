import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { type Stops, stopsClient } from '../../cli/clients/stops.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { stopsCommand } from '../../cli/commands/stops.ts';
import type { Job, JobWork } from '../../functions/domain/job.ts';
import { hash } from '../../functions/domain/trace.ts';
import { dynamoLeases } from '../../functions/ledger/leases.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPersonRole } from '../support/people.ts';
import { DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const CLOSE_PORTS = 'ec2/close-admin-ports';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WITHOUT_EXCEPTIONS = { ...TEST_POLICY, suppressions: [] };

let suture: Pipeline;
let operator: Awaited<ReturnType<typeof createPersonRole>>;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  operator = await createPersonRole(suture, 'Operator', [
    { Action: ['apigateway:GET', 'dynamodb:*', 'execute-api:*', 'kms:*'], Resource: '*' },
  ]);
});
afterAll(() => suture.sandbox.close());

const now = () => suture.kernel.clock.now();
const clients = async (name = 'ada') => {
  const settings = await operator(name);
  return { ledger: stopsClient(new DynamoDBClient(settings), now) };
};
const stops = async (): Promise<Stops> => JSON.parse(await stopsCommand({ ...(await clients()), json: true }));
const nameOf = (person: string) => `arn:aws:sts::${suture.context.securityAccount}:assumed-role/Operator/${person}`;

async function waitingFindings(count: number) {
  const findings: ControlFinding[] = [];
  for (let n = 0; n < count; n++) findings.push(await suture.arrange('EC2.13'));
  const traces = await suture.process(...findings);
  return traces.map(({ execution }, n) => ({ finding: findings[n]!, execution: execution!.arn }));
}
async function approve(...executions: string[]) {
  const grace = await approvalApi(new APIGatewayClient(await operator('grace')));
  for (const execution of executions) await grace.answer(hash(execution), { answer: 'approve' });
  await suture.sandbox.settled();
  return executions.map((arn) => suture.execution(arn));
}

describe('the kill switch', () => {
  it('stops a change that is approved afterwards, and allows it after resume and redrive', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' } });
    const { finding, execution } = (await waitingFindings(1))[0]!;
    const text = await stopCommand({ ...(await clients()), reason: 'a freeze', yes: true });
    expect(text).toContain(`by ${nameOf('ada')}: a freeze`);

    const [stopped] = await approve(execution);
    expect(stopped).toMatchObject({ status: 'FAILED', error: 'Stopped' });
    expect(stopped!.path.at(-1)).toBe('Remediate');
    for (const part of [`by ${nameOf('ada')}: a freeze`, 'resume --reason', 'replay --failed'])
      expect(stopped!.cause).toContain(part);
    expect(await suture.inbound(finding)).toContain(SSH);

    await resumeCommand({ ...(await clients()), reason: 'it is over', yes: true });
    expect((await suture.redrive(execution)).status).toBe('SUCCEEDED');
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
  });

  it('records the person and the reason, and is idempotent', async () => {
    const { audit: before } = await stops();
    await stopCommand({ ...(await clients()), reason: 'first', yes: true });
    expect(await stopCommand({ ...(await clients()), reason: 'second', yes: true })).toContain('stopped already');
    expect((await stops()).stopped).toMatchObject({ by: nameOf('ada'), reason: 'first' });
    await suture.kernel.clock.advance(1);
    await resumeCommand({ ...(await clients()), reason: 'done', yes: true });
    expect(await resumeCommand({ ...(await clients('grace')), reason: 'again', yes: true })).toContain('not stopped');
    const { stopped, audit } = await stops();
    expect(stopped).toBeNull();
    expect(audit.slice(0, audit.length - before.length)).toMatchObject([
      { action: 'resume', by: nameOf('ada'), reason: 'done', at: expect.stringMatching(/^20/) },
      { action: 'stop', by: nameOf('ada'), reason: 'first' },
    ]);
  });

  it('is not resumed by a caller that read an earlier stop', async () => {
    const { ledger } = await clients();
    await ledger.stop('one reason');
    const earlier = (await ledger.stopped())!;
    await ledger.resume(earlier, 'over');
    await suture.kernel.clock.advance(1);
    await ledger.stop('another reason');
    expect(await ledger.resume(earlier, 'over')).toEqual({ isChanged: false });
    expect(await ledger.stopped()).toMatchObject({ reason: 'another reason' });
    await ledger.resume((await ledger.stopped())!, 'over');
  });

  it('is checked in the transaction of each attempt, so attempts that read before the stop get no lease', async () => {
    const leases = dynamoLeases(LEDGER_TABLE, new DynamoDBClient(await operator('ada')), now);
    const { ledger } = await clients();
    const attempts = Array.from({ length: 40 }, (_, n) => {
      const finding = { id: `finding ${n}`, productArn: 'p', account: SHOP };
      const job: Job = { v: 3, execution: `attempt ${n}`, started: 's', route: 'remediate', reason: 'r', finding };
      return [job, { remediation: CLOSE_PORTS, mode: 'plan', lease: `group ${n}` } as JobWork] as const;
    });
    const facts = await Promise.all(attempts.map((attempt) => leases.readFacts(...attempt)));
    const take = () => Promise.all(attempts.map(([job, work], n) => leases.take(job, work, facts[n]!, { trials: [] })));

    await ledger.stop('meanwhile');
    expect(new Set(await take())).toEqual(new Set([false]));
    await ledger.resume((await ledger.stopped())!, 'over');
    expect(new Set(await take())).toEqual(new Set([true]));
  });

  it('asks for confirmation and needs a reason', async () => {
    await expect(stopCommand({ ...(await clients()), reason: 'why' })).rejects.toThrow('Give --yes');
    const reader = await createPersonRole(suture, 'Reader', [
      { Action: ['apigateway:GET', 'dynamodb:*', 'kms:*'], Resource: '*' },
    ]);
    const ledger = stopsClient(new DynamoDBClient(await reader('eve')), now);
    await expect(stopCommand({ ledger, reason: 'why' })).rejects.toThrow('IAM does not let you use POST /stop');
    await expect(stopCommand({ ...(await clients()), reason: ' ', yes: true })).rejects.toThrow('--reason');
    expect((await stops()).stopped).toBeNull();
  });
});

describe('the circuit of a remediation', () => {
  const refuses =
    (code: string): FaultRule =>
    ({ operation }) =>
      operation === 'RevokeSecurityGroupIngress' ? { kind: 'error', code, status: 400 } : undefined;
  const broken = refuses('IncorrectState');
  const attempts = () =>
    suture.kernel.calls.filter(({ operation }) => operation === 'RevokeSecurityGroupIngress').length;
  const errorOf = ({ execution }: { execution: { error: { name: string } | null } | null }) => execution?.error?.name;
  const circuits = async () => (await stops()).circuits;

  beforeAll(async () => {
    await suture.advanceToNextHour();
    await suture.setPolicy({ ...WITHOUT_EXCEPTIONS, breaker: { failures: 2, minutes: 15 } });
  });

  it('stays closed while only one account denies', async () => {
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const traces = await suture.withFaults([refuses('UnauthorizedOperation')], () => suture.process(...findings));
    expect(traces.map(errorOf)).toEqual(Array(3).fill('MemberAccessDenied'));
    expect(await circuits()).toEqual([]);
    await suture.kernel.clock.advance(HOUR + 1);
  });

  it('opens in an account with the last failure that policy tolerates there, and for no other account', async () => {
    const failing = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const traces = await suture.withFaults([broken], () => suture.process(...failing));
    expect(traces.map(errorOf)).toEqual(['IncorrectState', 'IncorrectState']);
    expect(await circuits()).toMatchObject([{ remediation: CLOSE_PORTS, account: SHOP, state: 'open', failures: 2 }]);
    expect(suture.metrics('CircuitOpened')).toHaveLength(1);

    const before = attempts();
    const finding = await suture.arrange('EC2.13');
    const [stopped] = await suture.process(finding);
    expect(errorOf(stopped)).toBe('CircuitOpen');
    expect(stopped.reason).toContain(
      `The circuit of ${CLOSE_PORTS} in account ${SHOP} is open until ${(await circuits())[0]!.until}`,
    );
    expect((await suture.redrive(traces[0]!.execution!.arn)).error).toBe('CircuitOpen');
    expect(attempts()).toBe(before);
    expect(await suture.inbound(finding)).toContain(SSH);

    const [other] = await suture.process(await suture.arrange('EC2.13', { account: DATA }));
    expect(other.outcome).toBe('FIXED');
  });

  it('triggers its alarm, which watches the metric that the proxy writes', async () => {
    const cloudWatch = new CloudWatchClient(suture.sandbox.administrator(suture.context.securityAccount));
    const command = new DescribeAlarmsCommand({ AlarmNames: ['suture-circuit-opened'] });
    const [alarm] = (await cloudWatch.send(command)).MetricAlarms!;
    const [written] = suture.metrics('CircuitOpened') as any[];
    expect(written._aws.CloudWatchMetrics).toMatchObject([
      {
        Namespace: alarm!.Namespace,
        Metrics: [{ Name: alarm!.MetricName }],
        Dimensions: [alarm!.Dimensions!.map(({ Name }) => Name)],
      },
    ]);
    for (const { Name, Value } of alarm!.Dimensions!) expect(written[Name!]).toBe(Value);
  });

  it('does not stop other remediations', async () => {
    const [trace] = await suture.process(await suture.arrange('EC2.7', { account: DATA, region: 'eu-west-1' }));
    expect(trace.outcome).toBe('FIXED');
  });

  it('allows exactly one trial after its time, and opens again if the trial fails', async () => {
    await suture.kernel.clock.advance(15 * MINUTE);
    expect(await circuits()).toMatchObject([{ state: 'halfOpen' }]);
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const before = attempts();
    const traces = await suture.withFaults([broken], () => suture.process(...findings));
    expect(traces.map(errorOf).sort()).toEqual(['CircuitOpen', 'CircuitOpen', 'IncorrectState']);
    expect(attempts() - before).toBe(1);
    expect(await circuits()).toMatchObject([{ state: 'open' }]);
  });

  it('leaves the trial to the next execution if the first one ends without a change', async () => {
    await suture.kernel.clock.advance(15 * MINUTE);
    const [trace] = await suture.process(
      await suture.arrange('EC2.13', { scenario: 'the rule is restricted to a network' }),
    );
    expect(trace.outcome).toBe('COMPLIANT');
    expect(await circuits()).toMatchObject([{ state: 'halfOpen' }]);
  });

  it('closes after a successful trial, and earlier failures no longer count', async () => {
    const [trace] = await suture.process(await suture.arrange('EC2.13'));
    expect(trace.outcome).toBe('FIXED');
    expect(await circuits()).toEqual([]);
    expect(suture.metrics('CircuitClosed')).toHaveLength(1);

    const [failed] = await suture.withFaults([broken], async () => suture.process(await suture.arrange('EC2.13')));
    expect(errorOf(failed!)).toBe('IncorrectState');
    expect(await circuits()).toEqual([]);
  });

  it('of the organization opens when three accounts fail, and stops every account', async () => {
    await suture.kernel.clock.advance(HOUR + 1);
    const accounts = [SHOP, DATA, TRAINING];
    const findings = await Promise.all(accounts.map((account) => suture.arrange('EC2.13', { account })));
    await suture.withFaults([refuses('UnauthorizedOperation')], () => suture.process(...findings));
    expect(await circuits()).toMatchObject([{ account: null, state: 'open', failures: 3 }]);
    const [stopped] = await suture.process(await suture.arrange('EC2.13', { account: DATA }));
    expect(errorOf(stopped)).toBe('CircuitOpen');
    expect(stopped.reason).toContain(`The circuit of ${CLOSE_PORTS} in the organization is open`);
    await suture.kernel.clock.advance(15 * MINUTE);
    await suture.process(await suture.arrange('EC2.13'));
    expect(await circuits()).toEqual([]);
  });
});

/** Returns how often each execution waited for an hour. */
const waitsOf = (traces: readonly { readonly execution: { readonly path: readonly string[] } | null }[]): number[] =>
  traces
    .map(({ execution }) => execution!.path.filter((state) => state === 'WaitForWindow').length)
    .sort((a, b) => a - b);

describe('the caps', () => {
  it('of the organization make changes beyond the cap wait in every account, until the next hour', async () => {
    await suture.setPolicy({ ...WITHOUT_EXCEPTIONS, caps: { perRemediationAndHour: 2 } });
    await suture.advanceToNextHour();
    const hour = suture.kernel.clock.now();
    const findings = [
      await suture.arrange('EC2.13'),
      await suture.arrange('EC2.13', { account: DATA }),
      await suture.arrange('EC2.13', { account: TRAINING }),
    ];
    const traces = await suture.process(...findings);
    expect(traces.map(({ outcome }) => outcome)).toEqual(['FIXED', 'FIXED', 'FIXED']);
    expect(waitsOf(traces)).toEqual([0, 0, 1]);
    const waited = suture.kernel.clock.now() - hour;
    expect(waited).toBeGreaterThanOrEqual(HOUR);
    expect(waited).toBeLessThan(HOUR + 20 * MINUTE);
  });

  it('that are raised do not end a wait before the time that show names', async () => {
    await suture.setPolicy({ ...WITHOUT_EXCEPTIONS, caps: { perAccountAndHour: 1 } });
    await suture.advanceToNextHour();
    const hour = suture.kernel.clock.now();
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const shown: string[] = [];
    const raised = suture.kernel.clock.sleep(10 * MINUTE).then(async () => {
      await suture.setPolicy({ ...WITHOUT_EXCEPTIONS, caps: { perAccountAndHour: 100 } });
      for (const { Id } of findings) shown.push(await showCommand(Id, { ...testOperator(suture), json: false }));
    });
    await suture.process(...findings);
    await raised;
    const waits = shown.flatMap((text) => /\nWaits for 1\dm, and looks again at (\S+Z): /.exec(text)?.[1] ?? []);
    expect(waits).toHaveLength(1);
    expect(Date.parse(waits[0]!)).toBeGreaterThanOrEqual(hour + HOUR);
    expect(suture.kernel.clock.now()).toBeGreaterThanOrEqual(Date.parse(waits[0]!));
  });

  it('fail with CapReached after a day', async () => {
    await suture.setPolicy({ ...WITHOUT_EXCEPTIONS, caps: { perRemediationAndHour: 2 } });
    await suture.advanceToNextHour();
    // The account's share is used up in every hour of a day.
    const dynamo = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
    for (let hour = 0; hour < 26; hour++) {
      const at = new Date(suture.kernel.clock.now() + hour * HOUR).toISOString().slice(0, 13);
      const key = { pk: { S: `counter#${CLOSE_PORTS}#${TRAINING}#${at}` }, sk: { S: 'counter' } };
      await dynamo.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: { ...key, started: { N: '1' } } }));
    }
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    const [trace] = await suture.process(finding);
    expect(trace.execution!.error).toMatchObject({ name: 'CapReached' });
    expect(trace.reason).toContain('half of caps.perRemediationAndHour');
    expect(waitsOf([trace])[0]).toBeGreaterThanOrEqual(23);
    expect(await suture.inbound(finding)).toContain(SSH);
  });

  it('count approved changes when they are applied, not when they are planned', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' }, caps: { perAccountAndHour: 1 } });
    const planned = await waitingFindings(2);
    await suture.advanceToNextHour();
    const executions = await approve(...planned.map(({ execution }) => execution));
    expect(executions.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(executions.map(({ path }) => path.filter((state) => state === 'WaitForWindow').length).sort()).toEqual([
      0, 1,
    ]);
  });

  it('of executions make every finding beyond the cap wait in triage, whatever its outcome would be', async () => {
    await suture.setPolicy({ ...TEST_POLICY, caps: { executionsPerHour: 4 } });
    await suture.advanceToNextHour();
    const findings = [
      await suture.arrange('EC2.13', { account: TRAINING }),
      await suture.arrange('EC2.13'),
      await suture.arrange('EC2.13'),
      await suture.arrange('EC2.13'),
    ];
    const traces = await suture.process(...findings);
    expect(traces.map(({ outcome }) => outcome)).toEqual(['ARCHIVED', 'FIXED', 'FIXED', 'FIXED']);
    const waited = traces.filter(({ execution }) => execution!.path.includes('WaitForNextHour'));
    expect(waited).toHaveLength(1);
    expect(waited[0]!.execution!.path.slice(0, 4)).toEqual(['Triage', 'Route', 'WaitForNextHour', 'Triage']);
  });

  it('of executions fail with CapReached after a day', async () => {
    await suture.setPolicy({ ...TEST_POLICY, caps: { executionsPerHour: 4 } });
    await suture.advanceToNextHour();
    // The account's share is used up in every hour of a day.
    const dynamo = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
    for (let hour = 0; hour < 26; hour++) {
      const at = new Date(suture.kernel.clock.now() + hour * HOUR).toISOString().slice(0, 13);
      const key = { pk: { S: `counter#executions#${at}#${SHOP}` }, sk: { S: 'counter' } };
      await dynamo.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: { ...key, started: { N: '2' } } }));
    }
    const finding = await suture.arrange('EC2.13');
    const [trace] = await suture.process(finding);
    expect(trace.execution!.error).toMatchObject({ name: 'CapReached' });
    expect(trace.execution!.path.at(-1)).toBe('Triage');
    expect(trace.reason).toContain(`2 executions of account ${SHOP}`);
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});
