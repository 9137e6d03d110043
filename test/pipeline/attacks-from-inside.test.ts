/**
 * Attacks by people inside: with the roles that Suture deploys, or as an administrator of one member account. Each test
 * tries one kind of attack on the deployed workflow, and shows the safe outcome.
 */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  EnableEbsEncryptionByDefaultCommand,
} from '@aws-sdk/client-ec2';
import { SendTaskSuccessCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApprovalApi, approvalApi } from '../../cli/clients/approvals.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import type { Job } from '../../functions/domain/job.ts';
import { hash } from '../../functions/domain/trace.ts';
import { historyItem } from '../../functions/ledger/finding-records.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { denyRevoke } from '../support/faults.ts';
import { groupIdOf } from '../support/inspection.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HOUR = 3_600_000;
const QUEUE = 'suture-finding-updates';

let suture: Pipeline;
let signIn: Awaited<ReturnType<typeof createPerson>>;
/** Nobody with a person's role may start an execution or write to the ledger: see people.test.ts. */
let administrator: ClientSettings;
let approver: ApprovalApi;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  signIn = await createPerson(suture, 'mallory');
});
afterAll(() => suture.sandbox.close());
// Sessions expire after an hour.
beforeEach(async () => {
  administrator = suture.sandbox.administrator(suture.context.securityAccount);
  approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
});

const setPolicy = (policy: object) => suture.setPolicy({ ...TEST_POLICY, suppressions: [], ...policy });
const requireApproval = (more: object = {}) =>
  setPolicy({ controls: { 'EC2.13': 'approve' }, approvals: { hours: 4, ...more } });

/** With the credentials of a writer of the queue, which a thief has. */
async function sendToQueue(message: object, settings: ClientSettings = suture.asWorkflow()): Promise<void> {
  const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/${QUEUE}`;
  const MessageBody = JSON.stringify({ v: 3, ...message });
  await new SQSClient(settings).send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await suture.sandbox.settled();
}

/** The line that an administrator writes past every function. */
async function forgeLine(job: Job): Promise<void> {
  const Item = historyItem(job, 'FIXED', job.started, suture.kernel.clock.now());
  await new DynamoDBClient(administrator).send(new PutItemCommand({ TableName: LEDGER_TABLE, Item }));
}

async function startDirectly(input: object) {
  const command = { stateMachineArn: stateMachineArn(suture.context), input: JSON.stringify(input) };
  const { executionArn } = await new SFNClient(administrator).send(new StartExecutionCommand(command));
  await suture.sandbox.settled();
  return suture.execution(executionArn!);
}

async function waitingFinding() {
  const finding = await suture.arrange('EC2.13');
  const [{ execution, outcome }] = await suture.process(finding);
  expect(outcome).toBe('WAITING');
  return { finding, execution: execution!.arn, id: hash(execution!.arn) };
}

/** The plan that waits, with its task token, which an administrator reads from the ledger. */
async function waitingApproval(execution: string): Promise<{ token: string; job: Job }> {
  const Key = { pk: { S: 'approvals' }, sk: { S: hash(execution) } };
  const { Item } = await new DynamoDBClient(administrator).send(new GetItemCommand({ TableName: LEDGER_TABLE, Key }));
  return { token: Item!.token!.S!, job: JSON.parse(Item!.job!.S!) };
}

const lastLine = async ({ Id }: ControlFinding) => (await suture.history(Id)).at(-1)!;
const ec2Of = (account: string) => new EC2Client(suture.sandbox.administrator(account, 'us-east-1'));
const openRange = (finding: ControlFinding, FromPort: number, ToPort: number) =>
  ec2Of(finding.AwsAccountId).send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupIdOf(finding.Resources[0]!),
      IpPermissions: [{ IpProtocol: 'tcp', FromPort, ToPort, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );

describe('a rollback from a forged line of the ledger', () => {
  let finding: ControlFinding;
  let line: Job;
  beforeAll(async () => {
    await setPolicy({ controls: { 'EC2.7': 'auto' } });
    await ec2Of(DATA).send(new EnableEbsEncryptionByDefaultCommand({}));
    finding = await suture.arrange('EC2.7');
    const [{ outcome }] = await suture.process(finding);
    expect(outcome).toBe('FIXED');
    line = (await lastLine(finding)).job;
  });

  const accountOf = (account: string) => ({ Type: 'AwsAccount', Id: `AWS::::Account:${account}` });
  const forgedArn = () => `${stateMachineArn(suture.context).replace(':stateMachine:', ':execution:')}:forged`;
  const findingIn = (account: string) => finding.Id.replace(`:${SHOP}:`, `:${account}:`);

  it.each<[string, () => Partial<Job>, RegExp]>([
    [
      'in another account, under the finding of this one',
      () => ({ finding: { ...line.finding, account: DATA, resource: accountOf(DATA) } }),
      /not genuine: Id is of account 333333333333, AwsAccountId is 444444444444/,
    ],
    [
      'in another account, under a finding of that one',
      () => ({ finding: { ...line.finding, id: findingIn(DATA), account: DATA, resource: accountOf(DATA) } }),
      /the journal holds no change of arn:aws:iam::444444444444:root/,
    ],
    [
      'of this account by another execution',
      () => ({ execution: forgedArn() }),
      /execution is ".*:forged", in the journal ".*"/,
    ],
    [
      'in another Region',
      () => ({ finding: { ...line.finding, region: 'eu-west-1' } }),
      /names another control, Region or partition/,
    ],
    [
      'of another remediation',
      () => ({ work: { ...line.work!, remediation: 's3/block-account-public-access' } }),
      /EC2.7 is not handled by s3\/block-account-public-access/,
    ],
    [
      'under an approval that nobody gave',
      () => ({ approval: { approved: true, by: 'somebody', at: line.started, plan: '0'.repeat(64) } }),
      /approval is .*"by":"somebody".*, in the journal absent/,
    ],
    ['by another version', () => ({ work: { ...line.work!, version: 7 } }), /version is 7, in the journal 1/],
    [
      'in another partition',
      () => ({ finding: { ...line.finding, partition: 'aws-cn' } }),
      /names another control, Region or partition/,
    ],
    ['of another target', () => ({ work: { ...line.work!, target: { groupId: 'sg-1' } } }), /has another target than/],
    [
      'with other parameters',
      () => ({ work: { ...line.work!, params: { everything: true } } }),
      /parameters that ec2\/encrypt-ebs-by-default does not take/,
    ],
  ])('%s is refused with the difference', async (_, forgery, reason) => {
    const forged = { ...line, ...forgery() };
    await forgeLine(forged);
    const { execution, started } = forged;
    const order = { askedBy: 'arn:aws:iam::111111111111:user/somebody-else' };
    const rollback = { finding: forged.finding.id, execution, started };
    const { outputs } = (await startDirectly({ ...order, rollback })) as any;
    const { reason: rejected, result } = outputs.Remediate ?? outputs.Triage;
    expect(result?.because ?? rejected).toMatch(reason);
    expect(await suture.encryptsVolumes(DATA, 'us-east-1')).toBe(true);
    expect(await suture.encryptsVolumes(SHOP, 'us-east-1')).toBe(true);
  });
});

const throttleUpdates: FaultRule = ({ operation }) =>
  operation === 'BatchUpdateFindings'
    ? { kind: 'error', code: 'TooManyRequestsException', message: 'no', status: 429 }
    : undefined;

describe('an unfinished change', () => {
  it('that was approved gives a later execution no approval', async () => {
    await setPolicy({
      controls: { 'EC2.13': { mode: 'approve', tags: { 'env=dev': 'auto' } } },
      approvals: { hours: 4 },
    });
    const { finding, execution, id } = await waitingFinding();
    await suture.withFaults([denyRevoke], async () => {
      await approver.answer(id, { answer: 'approve' });
      await suture.sandbox.settled();
    });
    expect(suture.execution(execution)).toMatchObject({ status: 'FAILED', error: 'MemberAccessDenied' });
    await suture.kernel.clock.advance(2 * HOUR);
    const UpdatedAt = new Date(suture.kernel.clock.now()).toISOString();
    suture.emit([{ ...finding, UpdatedAt }]);
    await suture.sandbox.settled();
    expect(await suture.outcomes(finding)).not.toContain('FIXED');
    expect(await suture.inbound(finding)).toContain(SSH);
    approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    expect((await approver.list()).filter(({ resource }) => resource === finding.Resources[0]!.Id)).toHaveLength(1);
  });

  it('that left the resource in neither state makes a later execution ask for approval, although policy says auto', async () => {
    await setPolicy({ controls: { 'EC2.13': 'auto' } });
    const finding = await suture.arrange('EC2.13');
    await openRange(finding, 20, 30);
    let revocations = 0;
    const denySecond: FaultRule = (call) =>
      call.operation === 'RevokeSecurityGroupIngress' && ++revocations > 1 ? denyRevoke(call) : undefined;
    const [failed] = await suture.withFaults([denySecond], () => suture.process(finding));
    expect(failed.execution!.error?.name).toBe('MemberAccessDenied');
    const left = await suture.inbound(finding);
    await suture.kernel.clock.advance(2 * HOUR);
    const UpdatedAt = new Date(suture.kernel.clock.now()).toISOString();
    const [later] = await suture.process({ ...finding, UpdatedAt });
    expect([later.outcome, later.execution!.path.at(-1)]).toEqual(['WAITING', 'AwaitApproval']);
    expect(await suture.inbound(finding)).toEqual(left);

    approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    const id = hash(later.execution!.arn);
    expect((await approver.show(id)).loses).toContain(`what ${failed.execution!.arn} left unfinished`);
    await approver.answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
    expect((await lastLine(finding)).outcome).toBe('FIXED');
    expect(await suture.inbound(finding)).not.toContain(SSH);
  });

  it.each([
    ['its approval has ended', 25 * HOUR, {}, 'AwaitApproval'],
    ['policy approves nothing any more', 0, { controls: { 'EC2.13': 'observe' } }, 'Stopped'],
  ])('does not continue after a redrive when %s', async (_, later, policy, end) => {
    await requireApproval();
    const { finding, execution, id } = await waitingFinding();
    await suture.withFaults([denyRevoke], async () => {
      await approver.answer(id, { answer: 'approve' });
      await suture.sandbox.settled();
    });
    await suture.kernel.clock.advance(later);
    if ('controls' in policy) await setPolicy(policy);
    const { path, error } = await suture.redrive(execution);
    expect(error ?? path.at(-1)).toBe(end);
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});

describe('a change that was approved', () => {
  it('needs approval again if the resource has changed since, and nothing is applied', async () => {
    await requireApproval();
    const { finding, execution, id } = await waitingFinding();
    const { summary } = await approver.show(id);
    await openRange(finding, 20, 30);
    await approver.answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
    expect(await suture.inbound(finding)).toEqual(expect.arrayContaining([SSH, 'tcp 20 from 0.0.0.0/0']));
    expect(suture.execution(execution).path.slice(-4)).toEqual([
      ...['Remediate', 'Outcome', 'AskForApproval', 'AwaitApproval'],
    ]);

    const again = await approver.show(id);
    expect(again).toMatchObject({ status: 'waiting', summary: expect.stringContaining('20-30') });
    expect(again.summary).not.toBe(summary);
    await approver.answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
    const { outcome, job } = await lastLine(finding);
    expect([outcome, (job.result as { summary: string }).summary]).toEqual(['FIXED', again.summary]);
    expect(await suture.inbound(finding)).not.toContain(SSH);
  });

  it('fails with the differences after three more approvals of plans that changed again', async () => {
    await requireApproval();
    const { finding, execution, id } = await waitingFinding();
    for (const port of [20, 18, 16, 14]) {
      await openRange(finding, port, port + 10);
      await approver.answer(id, { answer: 'approve' });
      await suture.sandbox.settled();
    }
    const { status, error, cause } = suture.execution(execution) as any;
    expect([status, error]).toEqual(['FAILED', 'PlanChanged']);
    expect(cause).toMatch(/asked for approval 4 times.*before\.publicRules: new .*14.*after\.publicRules: new .*14/s);
    expect(await suture.inbound(finding)).toContain(SSH);
    expect((await lastLine(finding)).outcome).toBe('FAILED');
  });

  it('is the change that the approver saw, whatever arrives in the queue', async () => {
    await requireApproval();
    const { finding, execution } = await waitingFinding();
    const before = await suture.inbound(finding);
    const { job } = await waitingApproval(execution);
    const shown = { before: { a: 1 }, after: { a: 2 }, summary: 'a harmless change' };
    const harmless = {
      ...job,
      execution: `${job.execution}-harmless`,
      finding: { ...job.finding, title: 'harmless', account: DATA },
      result: { ...job.result, ...shown },
    };
    const askedAt = new Date(suture.kernel.clock.now()).toISOString();
    await sendToQueue({ kind: 'approval', askedAt, job: harmless });
    await expect(approver.show(hash(harmless.execution))).rejects.toThrow('There is no approval');
    expect(await suture.inbound(finding)).toEqual(before);
    expect(suture.execution(execution)).toMatchObject({ status: 'RUNNING' });
  });

  it('needs approval again after the first window that follows its approval', async () => {
    const hourFrom = (hours: number) => new Date(suture.kernel.clock.now() + hours * HOUR).toISOString().slice(11, 16);
    const windows = [{ id: 'soon', from: hourFrom(1), to: hourFrom(2) }];
    // The window counts, not the hours.
    await setPolicy({ controls: { 'EC2.13': 'approve' }, approvals: { hours: 4, validHours: 0.1 }, windows });
    const { finding, execution, id } = await waitingFinding();
    await suture.withFaults([denyRevoke], async () => {
      await approver.answer(id, { answer: 'approve' });
      await suture.sandbox.settled();
    });
    expect(suture.execution(execution)).toMatchObject({ status: 'FAILED', error: 'MemberAccessDenied' });
    expect(suture.execution(execution).path).toContain('WaitForWindow');
    await suture.kernel.clock.advance(HOUR);
    expect((await suture.redrive(execution)).path.at(-1)).toBe('AwaitApproval');
    expect(await suture.inbound(finding)).toContain(SSH);
  });

  it('needs approval again after its approval has ended', async () => {
    await requireApproval({ validHours: 2 });
    const { finding, execution, id } = await waitingFinding();
    await suture.withFaults([denyRevoke], async () => {
      await approver.answer(id, { answer: 'approve' });
      await suture.sandbox.settled();
    });
    await suture.kernel.clock.advance(2 * HOUR);
    expect((await suture.redrive(execution)).path.at(-1)).toBe('AwaitApproval');
    expect(await suture.inbound(finding)).toContain(SSH);
    approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    await approver.answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
    expect(await suture.inbound(finding)).not.toContain(SSH);
  });
});

describe('one account', () => {
  const brokenIn =
    (account: string): FaultRule =>
    ({ operation, place }) =>
      operation === 'RevokeSecurityGroupIngress' && place.account === account
        ? { kind: 'error', code: 'IncorrectState', message: 'no', status: 400 }
        : undefined;
  const automatic = (more: object = {}) => setPolicy({ controls: { 'EC2.13': 'auto' }, ...more });
  const arrangeMany = async (count: number) => {
    const findings: ControlFinding[] = [];
    for (let n = 0; n < count; n++) findings.push(await suture.arrange('EC2.13'));
    return findings;
  };

  it('that keeps failing opens no circuit for the others', async () => {
    await automatic();
    await suture.advanceToNextHour();
    const failing = await arrangeMany(12);
    await suture.withFaults([brokenIn(SHOP)], () => suture.process(...failing));
    const [stopped] = await suture.process(await suture.arrange('EC2.13'));
    expect(stopped.execution!.error?.name).toBe('CircuitOpen');
    const [other] = await suture.process(await suture.arrange('EC2.13', { account: DATA }));
    expect(other.outcome).toBe('FIXED');
    await suture.kernel.clock.advance(2 * HOUR);
    const [trial] = await suture.process(await suture.arrange('EC2.13'));
    expect(trial.outcome).toBe('FIXED');
  });

  it("cannot use up the organization's cap of changes", async () => {
    await automatic({ caps: { perAccountAndHour: 100, perRemediationAndHour: 4 } });
    await suture.advanceToNextHour();
    const hour = suture.kernel.clock.now();
    const findings = await arrangeMany(4);
    const other = await suture.arrange('EC2.13', { account: DATA });
    const traces = await suture.process(...findings, other);
    expect(traces.map(({ outcome }) => outcome)).toEqual(Array(5).fill('FIXED'));
    const waited = traces.map(({ execution }) => execution!.path.includes('WaitForWindow'));
    expect(waited.at(-1)).toBe(false);
    expect(waited.filter(Boolean)).toHaveLength(2);
    expect(suture.kernel.clock.now() - hour).toBeGreaterThanOrEqual(HOUR);
  });

  it("cannot use up the organization's cap of executions, not even by findings that are rejected", async () => {
    await automatic({ caps: { executionsPerHour: 8 } });
    await suture.advanceToNextHour();
    const [flood] = await arrangeMany(1);
    const other = await suture.arrange('EC2.13', { account: DATA });
    for (let n = 0; n < 12; n++) suture.emit([{ ...flood, Id: `${flood!.Id}${n}`, GeneratorId: 'forged one' }]);
    const [trace] = await suture.process(other);
    expect(trace.outcome).toBe('FIXED');
    expect(trace.execution!.path).not.toContain('WaitForNextHour');
  });
});

describe('a full security group', () => {
  /** Fills the group up to EC2's quota of 60 rules. */
  async function fill(finding: ControlFinding): Promise<void> {
    const count = 60 - (await suture.inbound(finding)).length;
    const IpPermissions = Array.from({ length: count }, (_, n) => {
      const port = 1000 + n;
      return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    });
    const GroupId = groupIdOf(finding.Resources[0]!);
    await ec2Of(SHOP).send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }
  beforeAll(async () => {
    await setPolicy({ controls: { 'EC2.13': 'auto' } });
    await suture.kernel.clock.advance(2 * HOUR);
  });

  it('loses a rule whose ports must all close', async () => {
    const finding = await suture.arrange('EC2.13');
    await fill(finding);
    const [{ outcome }] = await suture.process(finding);
    expect(outcome).toBe('FIXED');
    expect(await suture.inbound(finding)).not.toContain(SSH);
  });

  it('without room for a split is refused with the quota, which counts for no circuit', async () => {
    const findings: ControlFinding[] = [];
    for (let n = 0; n < 11; n++) {
      const finding = await suture.arrange('EC2.13');
      await openRange(finding, 20, 30);
      await fill(finding);
      findings.push(finding);
    }
    const traces = await suture.process(...findings);
    expect(traces.map(({ outcome }) => outcome)).toEqual(Array(11).fill('REFUSED'));
    expect(traces[0]!.reason).toMatch(
      /which had 60 inbound rules, has no room for the 2 rules .*quota .*L-0EA8095F, 60 by default/,
    );
    // The rule that is wholly inside is closed nevertheless, and can be opened again.
    expect(await suture.inbound(findings[0]!)).not.toContain(SSH);
    expect(await suture.inbound(findings[0]!)).toContain('tcp 20 from 0.0.0.0/0');

    const [other] = await suture.process(await suture.arrange('EC2.13'));
    expect(other.outcome).toBe('FIXED');
    const { text } = await rollbackCommand(findings[0]!.Id, { ...testOperator(suture), reason: 'a trial' });
    expect(JSON.parse(text).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await suture.inbound(findings[0]!)).toContain(SSH);
  });
});

describe('a message on the queue of updates', () => {
  const refusals = () => suture.metrics('FindingUpdatesRefused').length;
  const token = 'AAAAKgAAAAIAAAAAAAAAAQ';
  /** A finding that policy leaves alone, with the job of its execution. */
  async function ignoredFinding() {
    await setPolicy({ controls: {}, suppressions: TEST_POLICY.suppressions });
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    return { finding, job: (await lastLine(finding)).job };
  }
  const archived = (job: Job) => ({ ...job, route: 'archive', suppression: 'bastion', note: 'hidden' });
  const fixed = (job: Job) => ({
    ...job,
    route: 'remediate',
    result: { kind: 'fixed', before: {}, after: {}, summary: 'nothing', version: 1 },
  });

  it('cannot be sent by an administrator of the account, to the queue or its dead letters', async () => {
    const message = { kind: 'record', job: (await ignoredFinding()).job };
    for (const queue of [QUEUE, `${QUEUE}-dlq`]) {
      const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/${queue}`;
      const command = new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ v: 3, ...message }) });
      await expect(new SQSClient(administrator).send(command)).rejects.toMatchObject({ name: 'AccessDenied' });
    }
  });

  it.each<[string, string, (job: Job) => object]>([
    ['an archived finding', 'suture-report', (job) => ({ kind: 'archive', token, job: archived(job) })],
    ['a record', 'suture-report', (job) => ({ kind: 'record', job })],
    ['a finding that fails again', 'suture-report', (job) => ({ kind: 'reopen', job, note: 'again' })],
    ['a note', 'suture-recurring-findings', (job) => ({ kind: 'notify', job, note: 'fixed' })],
    ['a status', 'suture-failures', (job) => ({ kind: 'notify', job, note: 'fixed' })],
    ['an archived finding', 'suture-recurring-findings', (job) => ({ kind: 'archive', token, job: archived(job) })],
    ['a request for approval', 'suture-api', (job) => ({ kind: 'approval', token, askedAt: job.started, job })],
  ])('with %s changes nothing and raises the alarm if %s sends it', async (_, role, message) => {
    const { finding, job } = await ignoredFinding();
    const before = [suture.securityHub(finding), await suture.history(finding.Id), refusals()];
    await sendToQueue(message(job), suture.asSecurityFunction(role));
    const [hub, history, count] = before as [object, object[], number];
    expect([suture.securityHub(finding), await suture.history(finding.Id)]).toEqual([hub, history]);
    expect(refusals()).toBe(count + 1);
  });

  it.each<[string, (job: Job) => object]>([
    ['a fix that no execution made', (job) => fixed(job)],
    ['a fix on the route of what is ignored', (job) => ({ ...fixed(job), route: 'ignore' })],
    ['a fix under the name of another execution', (job) => ({ ...fixed(job), execution: `${job.execution}-2` })],
    ['an archived finding', (job) => archived(job)],
  ])('from the workflow that records %s changes nothing and raises the alarm', async (_, claim) => {
    const { finding, job } = await ignoredFinding();
    const [history, count] = [await suture.history(finding.Id), refusals()];
    await sendToQueue({ kind: 'record', job: claim(job) });
    expect(await suture.history(finding.Id)).toEqual(history);
    expect(refusals()).toBe(count + 1);
  });

  it('from the workflow that announces a change which does not wait changes nothing, and raises the alarm', async () => {
    const { finding, job } = await ignoredFinding();
    const [before, count] = [suture.securityHub(finding), refusals()];
    await sendToQueue({ kind: 'approval', askedAt: job.started, job });
    expect(suture.securityHub(finding)).toEqual(before);
    expect(refusals()).toBe(count + 1);
  });

  it('from the workflow that ignores what an execution has fixed changes no line, and raises the alarm', async () => {
    await setPolicy({ controls: { 'EC2.13': 'auto' } });
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    const { outcome, job } = await lastLine(finding);
    expect(outcome).toBe('FIXED');
    const { work: _, result: __, ...rest } = job;
    const count = refusals();
    await sendToQueue({ kind: 'record', job: { ...rest, route: 'ignore' } });
    expect((await suture.history(finding.Id)).map((line) => line.outcome)).toEqual(['FIXED']);
    expect(refusals()).toBe(count + 1);
  });

  it('archives nothing that only another suppression than the named one covers', async () => {
    const { finding, job } = await ignoredFinding();
    const [bastion] = TEST_POLICY.suppressions;
    await setPolicy({ suppressions: [bastion!, { ...bastion!, id: 'everything', criteria: { control: 'EC2.13' } }] });
    await sendToQueue({ kind: 'archive', token, job: archived(job) });
    expect(suture.securityHub(finding).status).toBe('NEW');
    await sendToQueue({ kind: 'archive', token, job: { ...archived(job), suppression: 'everything' } });
    expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
  });

  it('archives nothing under a suppression of another account, or one that has ended', async () => {
    const { finding, job } = await ignoredFinding();
    await sendToQueue({ kind: 'archive', token, job: archived(job) });
    expect(suture.securityHub(finding).status).toBe('NEW');
    await setPolicy({ suppressions: [{ ...TEST_POLICY.suppressions[0]!, criteria: { control: 'EC2.13' } }] });
    const [{ outcome, execution }] = await suture.withFaults([throttleUpdates], async () => {
      const processing = suture.process(await suture.arrange('EC2.13'));
      await suture.kernel.clock.advance(60_000);
      await setPolicy({ suppressions: [] });
      return processing;
    });
    expect([outcome, execution!.error?.name]).toEqual(['FAILED', 'FindingUpdateRefused']);
  });

  it('that was a dead letter never requests an approval, and archives only what Security Hub has', async () => {
    const { finding, job } = await ignoredFinding();
    const askedAt = job.started;
    await setPolicy({ suppressions: [{ ...TEST_POLICY.suppressions[0]!, criteria: { control: 'EC2.13' } }] });
    const other = {
      ...archived(job),
      finding: { ...job.finding, resource: { ...job.finding.resource!, Id: 'arn:x' } },
    };
    suture.putDeadLetter(`${QUEUE}-dlq`, { v: 3, kind: 'approval', token, askedAt, job });
    suture.putDeadLetter(`${QUEUE}-dlq`, { v: 3, kind: 'archive', token, job: other });
    const { text } = await dlqRedriveCommand(`${QUEUE}-dlq`, { ...testOperator(suture), reason: 'a trial' });
    await suture.sandbox.settled();
    expect(JSON.parse(text).problems).toEqual([expect.stringContaining('only the workflow')]);
    expect(suture.securityHub(finding).status).toBe('NEW');
    approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    expect(await approver.list()).not.toContainEqual(expect.objectContaining({ resource: job.finding.resource!.Id }));

    suture.putDeadLetter(`${QUEUE}-dlq`, { v: 3, kind: 'archive', token, job: archived(job) });
    await dlqRedriveCommand(`${QUEUE}-dlq`, { ...testOperator(suture), reason: 'a trial' });
    await suture.sandbox.settled();
    expect(suture.securityHub(finding)).toEqual({ status: 'SUPPRESSED', note: 'hidden' });
  });
});

describe('a forged answer', () => {
  it.each<[string, object]>([
    ['a job', {}],
    ['a job that says approved', { approved: true, by: 'eve', at: '2026-03-03T10:00:00Z', plan: '0'.repeat(64) }],
  ])('does not end the wait: %s, sent as an archived finding by the workflow', async (_, more) => {
    await requireApproval();
    const { finding, execution } = await waitingFinding();
    const { token, job } = await waitingApproval(execution);
    await sendToQueue({ kind: 'archive', token, job: { ...job, ...more } });
    expect(suture.execution(execution)).toMatchObject({ status: 'RUNNING' });
    expect(suture.securityHub(finding).status).toBe('NOTIFIED');
    expect(await suture.inbound(finding)).toContain(SSH);
  });

  const at = '2026-03-03T10:00:00Z';
  it.each<[string, unknown, 'denied' | 'asked again']>([
    ['a text', 'approved', 'denied'],
    ['a list', [{ approved: true }], 'denied'],
    ['nothing', null, 'denied'],
    ['a text instead of a truth value', { approved: 'true', by: 'eve', at }, 'denied'],
    ['an error', { Error: 'States.Timeout', approved: false }, 'denied'],
    ['an approval without a person', { approved: true }, 'asked again'],
    ['an approval without a plan', { approved: true, by: 'eve', at }, 'asked again'],
    ['an approval of another plan', { approved: true, by: 'eve', at, plan: '0'.repeat(64) }, 'asked again'],
    ['an approval with a plan that is not a digest', { approved: true, by: 'eve', at, plan: 'all' }, 'asked again'],
    ['an approval with an error beside it', { approved: true, Error: 'x' }, 'asked again'],
  ])('changes nothing: %s, sent with the task token by an administrator', async (_, answer, end) => {
    await requireApproval();
    const { finding, execution } = await waitingFinding();
    const { token: taskToken } = await waitingApproval(execution);
    const states = new SFNClient(suture.sandbox.administrator(suture.context.securityAccount));
    await states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
    await suture.sandbox.settled();
    const { status, path, error } = suture.execution(execution);
    expect([status, path.at(-1), error]).toEqual(
      end === 'denied' ? ['SUCCEEDED', 'Report', undefined] : ['RUNNING', 'AwaitApproval', undefined],
    );
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});
