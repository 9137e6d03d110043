import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  SFNClient,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingReport } from '../../cli/clients/finding-report.ts';
import { resolveOperator } from '../../cli/clients/operator.ts';
import type { StatusReport } from '../../cli/clients/status-report.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import { type BackfillReport, backfillCommand } from '../../cli/commands/backfill.ts';
import { dlqListCommand } from '../../cli/commands/dlq/list.ts';
import { type DlqReport, dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { eventsReplayCommand } from '../../cli/commands/events/replay.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { nextCommand } from '../../cli/commands/next.ts';
import { type ReplayReport, replayCommand } from '../../cli/commands/replay.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { type RollbackReport, rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { dynamoOperatorRuns } from '../../functions/ledger/operator-runs.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { groupIdOf } from '../support/inspection.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const HOUR = 3_600_000;

let suture: Pipeline;
const operator = () => testOperator(suture);
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
});
afterAll(() => suture.sandbox.close());

const reportOf = async (running: Promise<{ text: string }>) => {
  const { text } = await running;
  await suture.sandbox.settled();
  return JSON.parse(text);
};
const show = async (name: string): Promise<FindingReport> => JSON.parse(await showCommand(name, operator()))[0];
const list = async (options: object): Promise<LedgerListItem[]> =>
  JSON.parse(await listCommand({ ...operator(), ...options }));
const replay = (name: string | undefined, options: object = {}): Promise<ReplayReport> =>
  reportOf(replayCommand(name, { ...operator(), reason: 'a test', ...options }));
const rollback = (name: string | undefined, options: object = {}): Promise<RollbackReport> =>
  reportOf(rollbackCommand(name, { ...operator(), reason: 'a test', ...options }));
const backfill = (options: object = {}): Promise<BackfillReport> =>
  reportOf(backfillCommand({ ...operator(), reason: 'a test', ...options }));
const outcomes = (report: FindingReport) => report.executions.map(({ outcome }) => outcome);

async function fixedFinding(): Promise<ControlFinding> {
  const finding = await suture.arrange('EC2.13');
  const [trace] = await suture.process(finding);
  expect(trace.outcome).toBe('FIXED');
  return finding;
}
const failing =
  (operation: string): FaultRule =>
  (call) =>
    call.operation === operation
      ? { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 }
      : undefined;

async function failedFinding(): Promise<ControlFinding> {
  const finding = await suture.arrange('EC2.13');
  await suture.withFaults([failing('RevokeSecurityGroupIngress')], async () => {
    const [trace] = await suture.process(finding);
    expect(trace.outcome).toBe('FAILED');
  });
  return finding;
}

const status = async (): Promise<StatusReport> => JSON.parse((await statusCommand(operator())).text);

describe('suture status', () => {
  const alarmsIn = (region: string) =>
    new CloudWatchClient(suture.sandbox.administrator(suture.context.securityAccount, region));
  const ring = (AlarmName: string, StateValue: 'ALARM' | 'OK') =>
    alarmsIn('eu-west-1').send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));

  it('has the alarms of the Region of IP ranges, and names the account whose alarms it does not read', async () => {
    const { serviceAccount, ipRanges, homeRegion } = suture.context;
    expect([ipRanges?.region, homeRegion]).toEqual(['eu-west-1', 'us-east-1']);
    const calm = await status();
    expect(calm).toMatchObject({ alarms: [], unreadAccount: serviceAccount, unreadBecause: null, attention: [] });
    await ring('suture-ip-ranges-refused', 'ALARM');
    const { text, failed } = await statusCommand(operator());
    expect(failed).toBe(true);
    expect(JSON.parse(text)).toMatchObject({
      alarms: [{ name: 'suture-ip-ranges-refused', region: 'eu-west-1' }],
      attention: ['active alarm: suture-ip-ranges-refused in eu-west-1: docs/runbook.md#ip-ranges-refused'],
    });
    const next = await nextCommand({ ...operator(), json: false });
    expect(next.text).toContain('In alarm: suture-ip-ranges-refused in eu-west-1.');
    await ring('suture-ip-ranges-refused', 'OK');
  });

  it('says that it could not read them if the API does not answer, and shows the rest', async () => {
    await suture.withFaults([failing('GetRestApis')], async () => {
      const { text, failed } = await statusCommand(operator());
      expect(failed).toBe(true);
      const report: StatusReport = JSON.parse(text);
      expect(report).toMatchObject({ findings: { FAILED: 0 }, alarms: [], unreadAccount: null });
      expect(report.attention).toEqual([
        expect.stringMatching(/^approvals and proposals could not be read: \w/),
        expect.stringMatching(
          /^alarms of the Region of IP ranges could not be read: .+ \(If SutureSecurity is older than this command, deploy it\.\)$/,
        ),
      ]);
    });
  });
});

describe('suture rollback', () => {
  it('is refused without a question while Suture is stopped, with the command that resumes', async () => {
    const finding = await fixedFinding();
    const ledger = stopsClient(new DynamoDBClient(operator().aws), operator().now);
    await stopCommand({ ledger, reason: 'a freeze', yes: true });
    const stopped = rollbackCommand(finding.Id, { ...operator(), yes: false, reason: 'a test' });
    await expect(stopped).rejects.toThrow(
      /^Suture is stopped since .*: a freeze\. .* Resume first: .* resume --reason/,
    );
    expect((await rollback(finding.Id, { dryRun: true })).plan).toHaveLength(1);
    await resumeCommand({ ledger, reason: 'over', yes: true });
  });
  it('restores and verifies the state before the fix, and leaves the finding alone until somebody replays it', async () => {
    const before = await status();
    const finding = await fixedFinding();
    const { plan, results } = await rollback(finding.Id);
    expect(plan).toHaveLength(1);
    expect(results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await suture.inbound(finding)).toContain(SSH);
    expect((await rollback(finding.Id)).problems).toEqual([expect.stringContaining('undone')]);
    expect(suture.securityHub(finding)).toMatchObject({
      status: 'NOTIFIED',
      note: expect.stringContaining('rolled back by'),
    });

    suture.emit([finding]);
    await suture.sandbox.settled();
    expect(await suture.inbound(finding)).toContain(SSH);
    const report = await show(finding.Id);
    expect(report.record).toMatchObject({ ofStatus: 'ROLLED_BACK' });
    expect(outcomes(report)).toEqual(['FIXED', 'ROLLED_BACK', 'REFUSED']);
    expect(report.executions[2]!.job.result).toMatchObject({ because: expect.stringContaining('--again') });

    expect((await replay(finding.Id)).plan).toMatchObject([{ how: 'leave' }]);
    expect(await replayCommand(finding.Id, { ...operator(), reason: 'a test' })).toMatchObject({ failed: true });
    const { results: replayed } = await replay(finding.Id, { again: true });
    expect(replayed).toMatchObject([{ outcome: 'FIXED' }]);
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
    const after = await status();
    expect([after.fixes - before.fixes, after.undone - before.undone]).toEqual([1, 1]);
  });

  it('has a source identity of its own and an entry in the journal, like a fix', async () => {
    const finding = await fixedFinding();
    const { results } = await rollback(finding.Id);
    const calls = suture.callsOf(results[0]!.execution).map(({ operation }) => operation);
    expect(calls).toContain('AssumeRole');
    expect(calls).toContain('AuthorizeSecurityGroupIngress');
    const entries = await suture.journal('ec2/close-admin-ports', finding);
    expect(entries.map(({ status }) => status)).toEqual(['rolledBack']);
  });

  it('refuses a resource that has changed since, and restores it with --force', async () => {
    const finding = await fixedFinding();
    const ec2 = new EC2Client(suture.sandbox.administrator(SHOP));
    const rule = { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    const GroupId = groupIdOf(finding.Resources[0]!);
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }));
    const before = await suture.inbound(finding);
    const wide = { IpProtocol: 'tcp', FromPort: 3389, ToPort: 3389, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [wide] }));

    const { results } = await rollback(finding.Id);
    expect(results).toMatchObject([{ outcome: 'REFUSED', why: expect.stringContaining('changed since') }]);
    expect(await suture.inbound(finding)).toEqual([...before, 'tcp 3389 from 0.0.0.0/0'].sort());
    expect((await show(finding.Id)).record).toMatchObject({ ofStatus: 'FIXED' });

    const forced = await rollback(finding.Id, { force: true });
    expect(forced.results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await suture.inbound(finding)).toContain(SSH);
  });

  it('undoes only the changes of one control in one account', async () => {
    await suture.kernel.clock.advance(2 * HOUR);
    const matching = [await fixedFinding(), await fixedFinding()];
    const other = await suture.arrange('EC2.13', { account: DATA });
    await suture.process(other);
    const { results } = await rollback(undefined, { control: 'EC2.13', account: SHOP, since: '1h' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['ROLLED_BACK', 'ROLLED_BACK']);
    for (const finding of matching) expect(await suture.inbound(finding)).toContain(SSH);
    expect(await suture.inbound(other)).toEqual([HTTPS]);
  });

  it('says that there is nothing to undo if Suture changed nothing', async () => {
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    await suture.process(finding);
    const { plan, problems } = await rollback(finding.Id);
    expect([plan, problems]).toEqual([[], [expect.stringContaining('never changed by Suture; it is archived since')]]);
  });

  it('records its failure, and can be redriven', async () => {
    const finding = await fixedFinding();
    await suture.withFaults([failing('AuthorizeSecurityGroupIngress')], async () => {
      const { results } = await rollback(finding.Id);
      expect(results).toMatchObject([{ status: 'FAILED', outcome: 'RollbackFailed' }]);
    });
    expect((await show(finding.Id)).record).toMatchObject({
      ofStatus: 'FAILED',
      error: 'RollbackFailed',
      reason: expect.stringContaining('MemberAccessDenied'),
    });
    const story = await showCommand(finding.Id, { ...operator(), json: false });
    expect(story).toMatch(/Then replay it: .* replay --failed --error RollbackFailed --account \d{12} --reason/);
    expect(story).not.toMatch(/--error MemberAccessDenied/);
    expect(story).toMatch(
      /calls +STS AssumeRole\b[\s\S]*\n +EC2 AuthorizeSecurityGroupIngress +UnauthorizedOperation {2}\w{8}/,
    );
    expect(story).toMatch(/would restore +\{[\s\S]*\n +\+ .*22/);
    const { plan, results } = await replay(finding.Id);
    expect(plan).toMatchObject([{ how: 'redrive' }]);
    expect(results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});

const recentRuns = async () => dynamoOperatorRuns(LEDGER_TABLE, (await resolveOperator(operator())).dynamo).recent();

describe('suture replay', () => {
  it('shows its plan and changes nothing on a dry run', async () => {
    const finding = await failedFinding();
    const dry = await replay(undefined, { failed: true, dryRun: true, reason: undefined });
    expect(dry).toMatchObject({ run: null, plan: [{ findingId: finding.Id, how: 'redrive' }], results: [] });
    expect(outcomes(await show(finding.Id))).toEqual(['FAILED']);
  });

  it('redrives failed executions by error and account, and audits the person and the reason', async () => {
    const [wanted] = await list({ status: 'failed' });
    await suture.process(await suture.arrange('EC2.13', { account: ACQUIRED }));
    const { run, results } = await replay(undefined, {
      failed: true,
      account: SHOP,
      error: 'MemberAccessDenied',
    });
    expect(results).toMatchObject([{ outcome: 'FIXED', execution: wanted!.lastExecution }]);
    const [line] = await recentRuns();
    expect(line).toMatchObject({
      run,
      action: 'replay',
      by: expect.stringContaining(suture.context.securityAccount),
      reason: 'a test',
      counts: { replayed: 1, problems: 0 },
    });
  });

  it("starts a new execution, in the caller's name, if the workflow was changed since", async () => {
    const finding = await failedFinding();
    const states = new SFNClient(suture.sandbox.administrator(suture.context.securityAccount));
    const machine = { stateMachineArn: stateMachineArn(suture.context) };
    const { definition } = await states.send(new DescribeStateMachineCommand(machine));
    const changed = JSON.stringify({ ...JSON.parse(definition!), Comment: 'Another version.' });
    await states.send(new UpdateStateMachineCommand({ ...machine, definition: changed }));
    const { plan } = await replay(finding.Id, { dryRun: true });
    expect(plan).toMatchObject([{ how: 'leave', why: expect.stringContaining('within the hour') }]);
    const { results } = await replay(finding.Id, { again: true });
    expect(results).toMatchObject([{ outcome: 'FIXED' }]);
    const report = await show(finding.Id);
    expect(report.executions.at(-1)!.job).toMatchObject({
      askedBy: expect.stringContaining('arn:'),
      startOptions: { again: true },
    });
  });

  it('resumes after Ctrl-C', async () => {
    const findings = [await failedFinding(), await failedFinding(), await failedFinding()];
    const stopping = new AbortController();
    const sleep = async (milliseconds: number) => {
      const [latest] = await recentRuns();
      if (latest?.endedAt === undefined) stopping.abort();
      await operator().sleep(milliseconds);
    };
    const interrupted = replay(undefined, { failed: true, since: '1h', signal: stopping.signal, sleep });
    await expect(interrupted).rejects.toThrow('Interrupted: 1 replayed');
    await suture.sandbox.settled();
    const { results } = await replay(undefined, { failed: true, since: '1h' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['FIXED', 'FIXED']);
    for (const finding of findings) expect(await suture.inbound(finding)).toEqual([HTTPS]);
    const [line, before] = await recentRuns();
    expect(line!.counts).toMatchObject({ replayed: 2, before: 1 });
    expect(before!.run).not.toBe(line!.run);
  });
});

describe('the command line as a process', () => {
  async function commandLine(line: string): Promise<{ code: number; out: string; error: string }> {
    const { credentials } = operator().aws as { credentials: Record<string, string> };
    const env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: suture.kernel.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
    const command = `${process.execPath} bin/suture.ts ${line}`;
    return promisify(execFile)('sh', ['-c', command], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, error: stderr }),
      ({ code, stdout, stderr }) => ({ code, out: stdout, error: stderr }),
    );
  }

  it('uses the Region of --home-region, and exits with 1 if a finding needs a person', async () => {
    const finding = await failedFinding();
    const { code, out, error } = await commandLine(`--home-region ${suture.context.homeRegion} status`);
    expect([code, error]).toEqual([1, '']);
    expect(out).toContain('findings\tFAILED\t');
    const otherRegion = await commandLine('list --home-region eu-west-3');
    expect(otherRegion).toMatchObject({
      code: 3,
      error: expect.stringContaining('no table suture-ledger in eu-west-3'),
    });
    const { out: text } = await commandLine(`show ${finding.Id} --home-region ${suture.context.homeRegion}`);
    expect(text).toContain('MemberAccessDenied in Remediate');
    await replay(finding.Id);
  });
  it('exits quietly if the reader closes the pipe', async () => {
    const { code, out, error } = await commandLine(`status --home-region ${suture.context.homeRegion} | true`);
    expect([code, out, error]).toEqual([0, '', '']);
  });
  it('changes nothing if it cannot ask for confirmation', async () => {
    const finding = await failedFinding();
    const before = await recentRuns();
    const { code, error } = await commandLine(
      `replay --failed --reason test --home-region ${suture.context.homeRegion}`,
    );
    expect([code, error]).toEqual([2, expect.stringContaining('Give --yes to agree')]);
    expect(await recentRuns()).toEqual(before);
    const missing = await commandLine(`show nothing-of-that-name --home-region ${suture.context.homeRegion}`);
    expect(missing).toMatchObject({ code: 2, error: expect.stringContaining('has no finding') });
    await replay(finding.Id);
  });
});

describe('suture show', () => {
  it('shows every check with its value, every call, and where to look further', async () => {
    const finding = await fixedFinding();
    const [execution] = (await show(finding.Resources[0]!.Id)).executions;
    expect(execution!.job.checks).toContainEqual({ check: 'Workflow.Status', value: 'NEW', passed: true });
    expect(execution!.job.result).toMatchObject({
      before: expect.anything(),
      calls: expect.arrayContaining([
        expect.objectContaining({ call: 'EC2 RevokeSecurityGroupIngress', requestId: expect.any(String) }),
      ]),
    });
    expect(execution!.visits.map(({ state, attempts, errors, result }) => [state, attempts, errors, result])).toEqual([
      ['Triage', 1, [], 'remediate'],
      ['Remediate', 1, [], 'fixed'],
      ['Report', 1, [], 'fixed'],
    ]);
    expect(execution!.links.query).toContain(execution!.sourceIdentity);
    const text = await showCommand(execution!.sourceIdentity, { ...operator(), json: false });
    for (const part of [finding.Id, 'checks passed; the policy decided', 'EC2 RevokeSecurityGroupIngress', 'detective'])
      expect(text).toContain(part);
  });
  it.each([
    ['archived', TRAINING, 'EC2.13', 'suppressions'],
    ['ignored', SHOP, 'S3.1', 'policy'],
  ])('shows a finding that was %s', async (outcome, account, control, check) => {
    const finding =
      control === 'S3.1'
        ? suture.finding(control, { Type: 'AwsAccount', Id: `AWS::::Account:${account}` })
        : await suture.arrange(control, { account });
    await suture.process(finding);
    const [execution] = (await show(finding.Id)).executions;
    expect(execution!.outcome).toBe(outcome.toUpperCase());
    expect(execution!.job.checks!.at(-1)).toMatchObject({ check, passed: false });
  });
  it('says that it does not know a finding that no rule matched', async () => {
    await expect(show('arn:aws:securityhub:nowhere')).rejects.toThrow('has no finding');
  });
});

const messageCount = async (queue: string): Promise<number> => {
  const { text } = await dlqListCommand(operator());
  return JSON.parse(text).find((each: { queue: string }) => each.queue === queue).messages;
};

describe('suture dlq', () => {
  const send = async (queue: string, body: object) => {
    const { securityAccount } = suture.context;
    const sqs = new SQSClient(suture.sandbox.administrator(securityAccount));
    const QueueUrl = `${suture.kernel.endpoint}/${securityAccount}/${queue}`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
  };
  const redrive = (queue: string): Promise<DlqReport> =>
    reportOf(dlqRedriveCommand(queue, { ...operator(), reason: 'a test' }));

  it('lists queues in the formats of other lists', async () => {
    const { json: _, ...settings } = operator();
    const names = (await dlqListCommand({ ...settings, output: 'name' })).text.split('\n');
    expect(names).toContain('suture-finding-events-dlq');
    const csv = (await dlqListCommand({ ...settings, output: 'csv' })).text.split('\n');
    expect([csv[0], csv.length]).toEqual(['queue,messages,in flight,holds,url', names.length + 1]);
  });
  it('does not list a queue with messages as empty', async () => {
    const { json: _, aws, ...settings } = operator();
    const inRegion = (region: string) => ({ ...settings, aws: { ...aws, region } });
    await expect(dlqListCommand(inRegion('ap-south-1'))).rejects.toThrow(
      /^There is no dead-letter queue .* ap-south-1 is not the home Region .*: give --home-region\.$/,
    );
    const lines: string[] = [];
    const listed = await dlqListCommand({ ...inRegion('eu-west-1'), show: (line) => lines.push(line) });
    expect(listed).toEqual({ text: expect.stringMatching(/^suture-ip-ranges-failed\t0\t/), failed: true });
    expect(lines).toEqual([expect.stringMatching(/^eu-west-1 is not the home Region/)]);
    expect(await dlqListCommand(operator())).toMatchObject({ failed: false });
  });
  it('counts messages in flight, and says so', async () => {
    const queue = 'suture-failures-dlq';
    await send(queue, {});
    const sqs = new SQSClient(suture.sandbox.administrator(suture.context.securityAccount));
    const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/${queue}`;
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const { json: _, ...settings } = operator();
    const listed = await dlqListCommand(settings);
    expect(listed).toEqual({
      text: expect.stringMatching(/^suture-failures-dlq\t1\t[^\t\n]* \(1 in flight\)$/m),
      failed: true,
    });
    const table = await dlqListCommand({ ...settings, isTerminal: true });
    expect(table.text).toContain('Not listed: suture-audit-trail-dlq of the stack SutureAudit');
    expect(table.text).toContain('In the Region of their updater: suture-ip-ranges-failed');
    expect(table.text).toMatch(/^suture-failures-dlq +1 \(1 in flight\) /m);
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(await messageCount(queue)).toBe(0);
    const { text } = await dlqRedriveCommand(queue, { ...settings, dryRun: true });
    expect(text).toBe('suture-failures-dlq is empty. Nothing was redriven.');
  });

  it('starts one execution for an undelivered event, even if the queue holds it twice', async () => {
    const finding = await suture.arrange('EC2.13');
    const { securityAccount: account, homeRegion: region } = suture.context;
    const event = {
      id: 'dead-1',
      'detail-type': 'Security Hub Findings - Imported',
      source: 'aws.securityhub',
      account,
      region,
      time: new Date(suture.kernel.clock.now()).toISOString(),
      detail: { findings: [finding] },
    };
    await send('suture-finding-events-dlq', event);
    await send('suture-finding-events-dlq', event);
    expect(await messageCount('suture-finding-events-dlq')).toBe(2);
    const { json: _, ...settings } = operator();
    const shown = await dlqRedriveCommand('suture-finding-events-dlq', { ...settings, dryRun: true });
    expect(shown.text).toContain('about 2 messages');
    expect(shown.text).toContain('Each would start an execution. Nothing was redriven.');
    expect(await messageCount('suture-finding-events-dlq')).toBe(2);
    expect(await redrive('suture-finding-events-dlq')).toMatchObject({ messages: 2, redriven: 2, problems: [] });
    const report = await show(finding.Id);
    expect(outcomes(report)).toEqual(['FIXED']);
    expect(report.executions[0]!.requests).toMatchObject([{ action: 'dlq redrive', reason: 'a test' }]);
    expect(await messageCount('suture-finding-events-dlq')).toBe(0);
  });

  it('sends updates of findings again, which count if they follow from the ledger', async () => {
    const finding = await fixedFinding();
    const { job } = (await show(finding.Id)).executions[0]!;
    const { note } = suture.securityHub(finding);
    const hub = new SecurityHubClient(suture.sandbox.administrator(suture.context.securityAccount));
    const FindingIdentifiers = [{ Id: finding.Id, ProductArn: finding.ProductArn }];
    const Note = { Text: 'by hand', UpdatedBy: 'ada' };
    await hub.send(new BatchUpdateFindingsCommand({ FindingIdentifiers, Note }));
    suture.putDeadLetter('suture-finding-updates-dlq', { v: 3, kind: 'notify', job, note });
    suture.putDeadLetter('suture-finding-updates-dlq', { v: 3, kind: 'notify', job, note: 'another note' });
    const { json: _, ...settings } = operator();
    const redriven = await dlqRedriveCommand('suture-finding-updates-dlq', { ...settings, reason: 'a test' });
    expect(redriven.text).toMatch(
      /^2 redriven\.\nEach went back to suture-finding-updates, whose consumer processes it now\. If it fails again, it returns to suture-finding-updates-dlq\. To see what is in it: suture dlq list$/,
    );
    await suture.sandbox.settled();
    expect(suture.securityHub(finding)).toMatchObject({ status: 'NOTIFIED', note });
    expect(await messageCount('suture-finding-updates-dlq')).toBe(0);
  });
});

describe('suture events replay', () => {
  const replayEvents = (options: object) =>
    reportOf(eventsReplayCommand({ ...operator(), reason: 'a test', from: '1h', ...options }));

  it('processes events that the rules missed, and none twice', async () => {
    await suture.kernel.clock.advance(2 * HOUR);
    const fixed = await fixedFinding();
    const missed = await suture.arrange('EC2.13');
    await putExistingFindings(suture, [missed]);
    expect(await list({ resource: missed.Resources[0]!.Id })).toEqual([]);

    const { state, redriven, problems } = await replayEvents({});
    expect({ state, problems }).toEqual({ state: 'COMPLETED', problems: [] });
    const report = await show(missed.Id);
    expect(outcomes(report)).toEqual(['FIXED']);
    expect(report.executions[0]!.requests).toMatchObject([{ action: 'events replay', reason: 'a test' }]);
    // Their executions exist, so EventBridge had put them into the dead-letter queue.
    expect(redriven).toBeGreaterThan(0);
    const again = await show(fixed.Id);
    expect(outcomes(again)).toEqual(['FIXED', 'DUPLICATE']);
    expect(again.executions[1]!.requests).toMatchObject([
      { action: 'events replay', reason: 'a test' },
      { action: 'dlq redrive', reason: 'a test' },
    ]);
    expect(await messageCount('suture-finding-events-dlq')).toBe(0);
    expect(suture.securityHub(fixed).status).toBe(suture.securityHub(missed).status);
  });

  it('says for how long the archive keeps events, before it asks', async () => {
    const { progressLines: _, ...settings } = operator();
    const replayFrom = (from: string, more: object = {}) =>
      eventsReplayCommand({ ...settings, yes: false, reason: 'a test', from, ...more });
    await expect(replayFrom('40d', { to: '20d' })).rejects.toThrow(
      /^The archive keeps events for 14 days, so those until --to \(\S+\) are gone\. .*: suture backfill/,
    );
    const lines: string[] = [];
    const show = (line: string) => lines.push(line);
    await expect(replayFrom('20d', { show })).rejects.toThrow('not a terminal');
    expect(lines).toEqual([
      expect.stringMatching(/^The archive keeps events for 14 days, so those before \S+ are gone\./),
    ]);
    await expect(replayFrom('13d', { show })).rejects.toThrow('not a terminal');
    expect(lines).toHaveLength(1);
  });
  it('leaves a finding that can be rolled back and replayed', async () => {
    const finding = await fixedFinding();
    await suture.kernel.clock.advance(2 * HOUR);
    await replayEvents({ from: '3h' });
    expect(outcomes(await show(finding.Id))).toEqual(['FIXED', 'DUPLICATE']);
    expect((await rollback(finding.Id)).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect((await replay(finding.Id, { again: true })).results).toMatchObject([{ outcome: 'FIXED' }]);
  });

  it('treats a processed event as a duplicate, whatever execution it starts', async () => {
    const finding = await fixedFinding();
    const [first] = (await show(finding.Id)).executions;
    const { input } = await new SFNClient(operator().aws).send(
      new DescribeExecutionCommand({ executionArn: first!.execution }),
    );
    await suture.kernel.clock.advance(2 * HOUR);
    const [again] = await suture.start({ ...JSON.parse(input!), 'replay-name': 'suture-0123456789ab' });
    expect(again!.status).toBe('SUCCEEDED');
    const report = await show(finding.Id);
    expect(outcomes(report)).toEqual(['FIXED', 'DUPLICATE']);
    expect(report.record).toMatchObject({ ofStatus: 'FIXED' });
    expect(suture.callsOf(again!.arn)).toEqual([]);
  });
});

describe('suture backfill', () => {
  it('observes first, then applies only what was observed', async () => {
    const [observed, unobserved] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await putExistingFindings(suture, [observed]);
    const control = 'EC2.13';
    const observation = await backfill({ control, account: SHOP });
    expect(observation).toMatchObject({ counts: { 'EC2.13': 1 }, started: 1, problems: [] });
    expect((await show(observed.Id)).record).toMatchObject({
      ofStatus: 'PLANNED',
      reason: expect.stringContaining('tcp 22'),
    });
    expect(await suture.inbound(observed)).toContain(SSH);

    await putExistingFindings(suture, [unobserved]);
    const applied = await backfill({ control, account: SHOP, apply: true });
    expect(applied).toMatchObject({ started: 1, unobserved: 1 });
    expect(outcomes(await show(observed.Id))).toEqual(['PLANNED', 'FIXED']);
    expect(await suture.inbound(observed)).toEqual([HTTPS]);
    expect(await suture.inbound(unobserved)).toContain(SSH);
  });

  it('archives nothing while it observes', async () => {
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    await putExistingFindings(suture, [finding]);
    await backfill({ account: TRAINING });
    expect(suture.securityHub(finding).status).toBe('NEW');
    expect((await show(finding.Id)).record).toMatchObject({
      ofStatus: 'IGNORED',
      reason: expect.stringContaining('would be archived'),
    });
  });
});
