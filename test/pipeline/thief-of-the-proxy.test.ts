/**
 * A thief of the proxy's role invokes remediations by the invoker role, with requests of its own; thieves of other roles
 * reach them through the proxy. Remediations do only what triage and an approver have signed.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import type { Job } from '../../functions/domain/job.ts';
import type { PlanApproval } from '../../functions/domain/plan.ts';
import { approvalOf, type SigningFunction } from '../../functions/domain/signature.ts';
import { hash } from '../../functions/domain/trace.ts';
import { openRule } from '../../functions/remediations/ec2/fixtures.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { signerRoleArn, signingKeyArn } from '../../stacks/names.ts';
import { groupIdOf } from '../support/inspection.ts';
import { LEDGER_TABLE, remediationFunctionName } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { DATA, type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLOSE_PORTS = 'ec2/close-admin-ports';
const BY = 'arn:aws:sts::111111111111:assumed-role/suture-approver/grace';
const iso = (time: number) => new Date(time).toISOString();

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
});
afterAll(() => suture.sandbox.close());
const setMode = (mode: string) =>
  suture.setPolicy({ ...TEST_POLICY, suppressions: [], controls: { 'EC2.13': mode }, approvals: { hours: 24 } });
beforeEach(() => setMode('approve'));

/** A change that waits, with the job that the thief reads in the ledger. */
async function waitingChange(): Promise<{ finding: ControlFinding; job: Job; plan: string }> {
  const finding = await suture.arrange('EC2.13');
  const [{ execution, outcome }] = await suture.process(finding);
  expect(outcome).toBe('WAITING');
  const Key = { pk: { S: 'approvals' }, sk: { S: hash(execution!.arn) } };
  const ledger = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  const { Item } = await ledger.send(new GetItemCommand({ TableName: LEDGER_TABLE, Key }));
  const job: Job = JSON.parse(Item!.job!.S!);
  return { finding, job, plan: (job.result as { plan: string }).plan };
}

/** Signs with the role of the only function that may use this key. */
async function sign(signer: SigningFunction, Message: Uint8Array): Promise<string> {
  const kms = new KMSClient(suture.as(signerRoleArn(suture.context, signer)));
  const KeyId = signingKeyArn(suture.context, signer);
  const { Mac } = await kms.send(new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message }));
  return Buffer.from(Mac!).toString('base64');
}
const signed = async ({ execution }: Job, approval: PlanApproval) => ({
  approval,
  approvalSignature: await sign('approvals', approvalOf(execution, approval)),
});

/** The request that the proxy makes of a job. */
function requestOf({ execution, started, finding, askedBy, work }: Job) {
  const { target, params, policy, mode, signature } = work!;
  const triaged = { mode, policy, signature };
  return { v: 3, mode: 'apply', execution, started, finding, target, params, policy, askedBy, triaged };
}
async function invoke(request: object, remediation = CLOSE_PORTS) {
  const { homeRegion, serviceAccount } = suture.context;
  const name = remediationFunctionName(remediation);
  const { Payload } = await new LambdaClient(await suture.asInvoker()).send(
    new InvokeCommand({
      FunctionName: `arn:aws:lambda:${homeRegion}:${serviceAccount}:function:${name}`,
      Qualifier: 'live',
      Payload: JSON.stringify(request),
    }),
  );
  return JSON.parse(Buffer.from(Payload!).toString());
}
const alarmCount = () => suture.metrics('UnsignedRequests').length;

/** Nothing happened, not even a session in the member account. */
async function expectRefused(finding: ControlFinding, attack: () => Promise<any>, message: RegExp): Promise<void> {
  const [calls, before] = [suture.kernel.calls.length, alarmCount()];
  const { errorType, errorMessage } = await attack();
  // A failed rollback has an error of its own, which pages a person.
  const names = /^(ConfigurationInvalid|RollbackFailed)$/;
  expect([errorType, errorMessage]).toEqual([expect.stringMatching(names), expect.stringMatching(message)]);
  const made = suture.kernel.calls.slice(calls).filter(({ role }) => role?.includes('/suture/remediation/'));
  expect(made.map(({ operation }) => operation)).not.toContain('AssumeRole');
  expect(alarmCount()).toBe(before + 1);
  expect(await suture.inbound(finding)).toContain(SSH);
}

describe('a request that triage did not sign', () => {
  const OTHER = /not: the signature|the signature of triage is of something else/;
  it.each<[string, (request: ReturnType<typeof requestOf>) => object, RegExp]>([
    ['a request of its own', ({ triaged: _, ...request }) => request, /no signature of triage/],
    [
      'a policy that needs no approval',
      ({ triaged, ...request }) => {
        const policy = { mode: 'auto', tags: {} };
        return { ...request, policy, triaged: { ...triaged, mode: 'apply', policy } };
      },
      OTHER,
    ],
    [
      'no rule for resources that code manages',
      ({ triaged, ...request }) => {
        const policy = { ...triaged.policy, managed: undefined };
        return { ...request, policy, triaged: { ...triaged, policy } };
      },
      OTHER,
    ],
    ['another account', (each) => ({ ...each, finding: { ...each.finding, account: DATA } }), OTHER],
    ['another group', (each) => ({ ...each, target: { groupId: 'sg-0123456789abcdef0' } }), OTHER],
    ['other parameters', (each) => ({ ...each, params: { ports: [443] } }), OTHER],
    ['another execution', (each) => ({ ...each, execution: `${each.execution}-2` }), OTHER],
    ['a later start', (each) => ({ ...each, started: '2027-01-01T00:00:00.000Z' }), OTHER],
    ['nobody who asked', (each) => ({ ...each, askedBy: BY }), OTHER],
    ['a rollback', (each) => ({ ...each, mode: 'rollback', undo: { execution: each.execution, version: 1 } }), OTHER],
    ['a write without approval', (each) => each, /permitted to plan, and the request is to apply/],
    ['a signature that is none', (each) => ({ ...each, triaged: { ...each.triaged, signature: 'AAAA' } }), OTHER],
  ])('is refused and raises the alarm: %s', async (_, forge, message) => {
    const { finding, job } = await waitingChange();
    await expectRefused(finding, () => invoke(forge(requestOf(job))), message);
  });

  it('is refused by another remediation', async () => {
    const { finding, job } = await waitingChange();
    await expectRefused(finding, () => invoke(requestOf(job), 'ec2/encrypt-ebs-by-default'), OTHER);
  });
});

describe('a forged approval', () => {
  it.each<[string, (job: Job, given: PlanApproval) => Promise<object> | object]>([
    ['without signature', () => ({})],
    ['under a signature of its own', () => ({ approvalSignature: Buffer.alloc(32).toString('base64') })],
    ['under that of triage', ({ work }) => ({ approvalSignature: work!.signature })],
    [
      'under one that triage made of it',
      async ({ execution }, given) => ({ approvalSignature: await sign('triage', approvalOf(execution, given)) }),
    ],
    [
      'of another person',
      async (job, given) => ({ ...(await signed(job, { ...given, by: `${BY}-2` })), approval: given }),
    ],
    ['at another time', async (job, given) => ({ ...(await signed(job, { ...given, at: iso(0) })), approval: given })],
    ['of another execution', async (job, given) => signed({ ...job, execution: `${job.execution}-2` }, given)],
  ])('permits nothing, although it names the true plan, and raises the alarm: %s', async (_, forge) => {
    const { finding, job, plan } = await waitingChange();
    const now = suture.kernel.clock.now();
    const approval = { by: BY, at: iso(now), plan };
    const forged = { approval, approvedUntil: iso(now + DAY), ...(await forge(job, approval)) };
    await expectRefused(finding, () => invoke({ ...requestOf(job), ...forged }), /not one that the approval function/);
  });
});

describe('a genuine approval', () => {
  it.each<[string, (at: number) => object]>([
    ['has ended', (at) => ({ approvedUntil: iso(at + 2 * HOUR) })],
    ['has no end', () => ({})],
    ['is from the future', (at) => ({ approvedUntil: iso(at + 90 * DAY), at: iso(at + 4 * HOUR) })],
    ['is older than a policy can let it be', (at) => ({ approvedUntil: iso(at + 90 * DAY), at: iso(at - 28 * DAY) })],
  ])('permits nothing if it %s', async (_, made) => {
    const { finding, job, plan } = await waitingChange();
    const approvedAt = suture.kernel.clock.now();
    await suture.kernel.clock.advance(3 * HOUR);
    const { at = iso(approvedAt), ...until } = made(approvedAt) as { at?: string };
    const ended = { ...requestOf(job), ...(await signed(job, { by: BY, at, plan })), ...until };
    expect(await invoke(ended)).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(await suture.inbound(finding)).toContain(SSH);
    const holding = {
      ...(await signed(job, { by: BY, at: iso(approvedAt), plan })),
      approvedUntil: iso(approvedAt + DAY),
    };
    expect(await invoke({ ...requestOf(job), ...holding })).toMatchObject({ kind: 'fixed' });
  });

  it('permits nothing that triage only observes', async () => {
    await setMode('observe');
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    const { job } = (await suture.history(finding.Id)).at(-1)!;
    const { plan } = job.result as { plan: string };
    const now = suture.kernel.clock.now();
    const approved = { ...(await signed(job, { by: BY, at: iso(now), plan })), approvedUntil: iso(now + DAY) };
    const result = await invoke({ ...requestOf(job), ...approved, policy: { mode: 'auto', tags: {} } });
    expect(result.kind).toBe('planned');
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});

it('a policy that permits more later does not make a change that waits for approval', async () => {
  const { finding, job } = await waitingChange();
  const approvedByNobody = { ...requestOf(job), mode: 'plan', policy: { mode: 'auto', tags: {} } };
  expect(await invoke(approvedByNobody)).toMatchObject({ kind: 'planned', awaits: 'approval' });
  expect(await suture.inbound(finding)).toContain(SSH);
});

describe('an execution that has made its change', () => {
  async function fixed() {
    await setMode('auto');
    const finding = await suture.arrange('EC2.13');
    const [{ outcome }] = await suture.process(finding);
    expect(outcome).toBe('FIXED');
    const { job } = (await suture.history(finding.Id)).at(-1)!;
    return { finding, request: requestOf(job) };
  }

  it('does not repeat it after a rollback, whoever sends its request again', async () => {
    const { finding, request } = await fixed();
    const { text } = await rollbackCommand(finding.Id, { ...testOperator(suture), reason: 'a trial' });
    expect(JSON.parse(text).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await invoke(request)).toMatchObject({ kind: 'refused', because: expect.stringMatching(/was rolled back/) });
    expect(await suture.inbound(finding)).toContain(SSH);
  });

  it('does not repeat it if the owner has changed the resource since', async () => {
    const { finding, request } = await fixed();
    expect(await invoke(request)).toMatchObject({ kind: 'fixed' });
    await suture.kernel.clock.advance(HOUR);
    const ec2 = new EC2Client(suture.sandbox.administrator(finding.AwsAccountId, suture.context.homeRegion));
    const GroupId = groupIdOf(finding.Resources[0]!);
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [openRule(22)] }));
    expect(await invoke(request)).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/has changed since/),
    });
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});

describe('through the proxy', () => {
  const asRole = (name: string) => suture.as(`arn:aws:iam::${suture.context.securityAccount}:role/suture/${name}`);

  it("a thief of the workflow's role makes no change with a forged job, which raises the alarm", async () => {
    const { finding, job, plan } = await waitingChange();
    const now = suture.kernel.clock.now();
    const approval = { approved: true, by: BY, at: iso(now), plan };
    for (const own of [
      { ...job, approval },
      { ...job, work: { ...job.work!, mode: 'apply' } },
    ]) {
      const before = alarmCount();
      const step = { state: 'Remediate', at: iso(now) };
      const { Payload } = await new LambdaClient(suture.asWorkflow()).send(
        new InvokeCommand({ FunctionName: 'suture-proxy', Payload: JSON.stringify({ job: own, step }) }),
      );
      const { errorType, errorMessage } = JSON.parse(Buffer.from(Payload!).toString());
      expect([errorType, errorMessage]).toEqual([
        expect.stringMatching(/^(ConfigurationInvalid|Stopped)$/),
        expect.stringMatching(/than triage permitted|policy allowed apply/),
      ]);
      expect(alarmCount()).toBe(before + (errorType === 'Stopped' ? 0 : 1));
      expect(await suture.inbound(finding)).toContain(SSH);
    }
  });

  it("a thief of Report's role approves nothing with a forged answer in the ledger", async () => {
    const { finding, job, plan } = await waitingChange();
    const id = hash(job.execution);
    const answer = { approved: true, by: BY, at: iso(suture.kernel.clock.now()), plan };
    await new DynamoDBClient(asRole('suture-report')).send(
      new UpdateItemCommand({
        TableName: LEDGER_TABLE,
        Key: { pk: { S: 'approvals' }, sk: { S: id } },
        UpdateExpression: 'SET #status = :answering, answer = :answer',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':answering': { S: 'answering' }, ':answer': { S: JSON.stringify(answer) } },
      }),
    );
    const signIn = await createPerson(suture, 'grace');
    const approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    await expect(approver.answer(id, { answer: 'deny' })).rejects.toThrow(/approved it at/);
    await suture.sandbox.settled();
    expect(suture.execution(job.execution)).toMatchObject({ status: 'FAILED', error: 'ConfigurationInvalid' });
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});
