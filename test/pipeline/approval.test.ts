import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerCommand } from '../../cli/approvals/answer-approval.ts';
import { findApi, hostOf, sendSigned } from '../../cli/clients/api.ts';
import { type ApprovalApi, approvalApi } from '../../cli/clients/approvals.ts';
import { approvalsCommand } from '../../cli/commands/approvals.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { sendApiRequest } from '../sandbox/support/api-request.ts';
import { functionName, LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPersonRole } from '../support/people.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const HOUR = 3_600_000;

let suture: Pipeline;
let operator: Awaited<ReturnType<typeof createPersonRole>>;
let ada: ApprovalApi;
let grace: ApprovalApi;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  operator = await createPersonRole(suture, 'Operator', [
    { Action: 'apigateway:GET', Resource: '*' },
    { Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:*/live/*/approvals*' },
  ]);
  const controls = { ...TEST_POLICY.controls, 'EC2.13': 'approve' };
  await suture.setPolicy({ ...TEST_POLICY, controls, approvals: { hours: 4 } });
});
afterAll(() => suture.sandbox.close());
// Sessions expire after an hour.
beforeEach(async () => {
  ada = await approvalApi(new APIGatewayClient(await operator('ada')));
  grace = await approvalApi(new APIGatewayClient(await operator('grace')));
});

const arnOf = (name: string) => `arn:aws:sts::${suture.context.securityAccount}:assumed-role/Operator/${name}`;

async function waitingFinding(): Promise<{ finding: ControlFinding; execution: string; id: string }> {
  const finding = await suture.arrange('EC2.13');
  const [{ execution, outcome }] = await suture.process(finding);
  expect([outcome, execution!.path.at(-1)]).toEqual(['WAITING', 'AwaitApproval']);
  return { finding, execution: execution!.arn, id: hash(execution!.arn) };
}
async function endedExecution(execution: string) {
  await suture.sandbox.settled();
  return suture.execution(execution);
}

describe('a change under mode approve', () => {
  it('waits with its plan and changes nothing', async () => {
    const { finding, id } = await waitingFinding();
    expect((await ada.list()).find((each) => each.id === id)).toMatchObject({
      control: 'EC2.13',
      account: SHOP,
      resource: finding.Resources[0]!.Id,
      remediation: 'ec2/close-admin-ports',
      risk: 'disruptive',
      before: { publicRules: [{ from: 22 }, { from: 443 }] },
      after: { publicRules: [{ from: 443 }] },
      summary: expect.stringContaining(SSH),
    });
    expect(await suture.inbound(finding)).toContain(SSH);
    expect(suture.securityHub(finding)).toMatchObject({ status: 'NOTIFIED', note: expect.stringContaining('waits') });
  });

  it('is applied after somebody approves it, and the history names the approver', async () => {
    const { finding, execution, id } = await waitingFinding();
    expect(await grace.answer(id, { answer: 'approve', reason: 'fine' })).toMatchObject({ by: arnOf('grace') });
    expect(await endedExecution(execution)).toMatchObject({
      status: 'SUCCEEDED',
      path: [
        ...['Triage', 'Route', 'Plan', 'Outcome', 'AskForApproval', 'AwaitApproval'],
        ...['Answer', 'Remediate', 'Outcome', 'Report'],
      ],
    });
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
    const [{ outcome, job }] = (await suture.history(finding.Id)) as [any];
    expect(outcome).toBe('FIXED');
    expect(job.approval).toMatchObject({ approved: true, by: arnOf('grace'), reason: 'fine' });
    expect((await ada.list()).map((each) => each.id)).not.toContain(id);
  });

  it('is not applied if somebody denies it, and the note names the person and the reason', async () => {
    const { finding, execution, id } = await waitingFinding();
    await grace.answer(id, { answer: 'deny', reason: 'the bastion needs it' });
    expect((await endedExecution(execution)).path.slice(-2)).toEqual(['Answer', 'Report']);
    expect(await suture.outcomes(finding)).toEqual(['REFUSED']);
    expect(await suture.inbound(finding)).toContain(SSH);
    expect(suture.securityHub(finding)).toMatchObject({
      status: 'NOTIFIED',
      note: expect.stringContaining(`denied by ${arnOf('grace')}: the bastion needs it`),
    });
  });

  it('is not applied if nobody answers in time, and is no longer listed', async () => {
    const { finding, execution, id } = await waitingFinding();
    await suture.kernel.clock.advance(4 * HOUR);
    ada = await approvalApi(new APIGatewayClient(await operator('ada')));
    expect(await endedExecution(execution)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await suture.outcomes(finding)).toEqual(['REFUSED']);
    expect(suture.securityHub(finding).note).toContain('nobody answered in time');
    expect((await ada.list()).map((each) => each.id)).not.toContain(id);
    expect(await ada.show(id)).toMatchObject({ status: 'timedOut' });
    await expect(ada.answer(id, { answer: 'approve' })).rejects.toThrow('Nobody answered until');
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});

describe('the first of two answers', () => {
  it('counts, and the second is refused with the name in the first', async () => {
    const { finding, execution, id } = await waitingFinding();
    await ada.answer(id, { answer: 'deny', reason: 'no' });
    await expect(grace.answer(id, { answer: 'approve' })).rejects.toThrow(`${arnOf('ada')} denied it at`);
    await endedExecution(execution);
    expect(await suture.inbound(finding)).toContain(SSH);
  });
  it('counts alone if both arrive at once', async () => {
    const { execution, id } = await waitingFinding();
    const answers = [ada.answer(id, { answer: 'approve' }), grace.answer(id, { answer: 'deny' })];
    const taken = (await Promise.allSettled(answers)).filter(({ status }) => status === 'fulfilled');
    expect(taken).toHaveLength(1);
    expect((await endedExecution(execution)).status).toBe('SUCCEEDED');
  });
  it.each(['killBefore', 'killAfter'] as const)(
    'counts even if the function is killed when it sends the answer (%s)',
    async (kind) => {
      const { finding, execution, id } = await waitingFinding();
      let died = false;
      const killFunction: FaultRule = ({ operation, principal }) => {
        if (died || operation !== 'SendTaskSuccess' || !('role' in principal)) return undefined;
        died = principal.role.endsWith(`/${functionName('approvals')}`);
        return died ? { kind } : undefined;
      };
      await suture.withFaults([killFunction], () => expect(ada.answer(id, { answer: 'approve' })).rejects.toThrow());
      expect(died).toBe(true);
      await expect(grace.answer(id, { answer: 'deny' })).rejects.toThrow(`${arnOf('ada')} approved it at`);
      expect((await endedExecution(execution)).status).toBe('SUCCEEDED');
      expect(await suture.outcomes(finding)).toEqual(['FIXED']);
      expect(await grace.show(id)).toMatchObject({ status: 'answered' });
    },
  );
});

describe('an answer', () => {
  const eventOf = (findings: readonly ControlFinding[]) => ({
    id: randomUUID(),
    'detail-type': 'Security Hub Findings - Imported',
    source: 'aws.securityhub',
    account: suture.context.securityAccount,
    region: suture.context.homeRegion,
    detail: { findings },
  });
  const key = (id: string) => ({ TableName: LEDGER_TABLE, Key: { pk: { S: 'approvals' }, sk: { S: id } } });

  it.each([
    ['a finding', 1],
    ['several findings', 2],
  ])('of the person who started the execution of %s may deny the change, not approve it', async (_, count) => {
    const findings: ControlFinding[] = [];
    for (let n = 0; n < count; n++) findings.push(await suture.arrange('EC2.13'));
    const before = new Set((await ada.list()).map(({ id }) => id));
    await suture.start({ ...eventOf(findings), askedBy: arnOf('ada') });
    const added = (await ada.list()).filter(({ id }) => !before.has(id));
    expect(added.map(({ askedBy }) => askedBy)).toEqual(findings.map(() => arnOf('ada')));
    for (const { id } of added) {
      await expect(ada.answer(id, { answer: 'approve' })).rejects.toThrow(`${arnOf('ada')} asked for this change`);
      expect(await ada.show(id)).toMatchObject({ status: 'waiting' });
      await ada.answer(id, { answer: 'deny' });
    }
    await suture.sandbox.settled();
    for (const finding of findings) expect(await suture.inbound(finding)).toContain(SSH);
  });

  it('is refused unless IAM allows its route, and the message names it', async () => {
    const { execution, id } = await waitingFinding();
    const reader = await createPersonRole(suture, 'ReadsApprovals', [
      { Action: 'apigateway:GET', Resource: '*' },
      { Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:*/live/GET/approvals*' },
    ]);
    const linus = await approvalApi(new APIGatewayClient(await reader('linus')));
    expect(await linus.show(id)).toMatchObject({ status: 'waiting' });
    await expect(linus.answer(id, { answer: 'approve' })).rejects.toThrow(
      /IAM does not let you use POST \/approvals\/\w+: .*execute-api:Invoke on resource.*\/live\/POST\/approvals\//,
    );
    expect(suture.execution(execution).status).toBe('RUNNING');
  });

  it('is that of its signer, whatever the body says', async () => {
    const { execution, id } = await waitingFinding();
    const client = new APIGatewayClient(await operator('ada'));
    const host = hostOf(await findApi(client), suture.context.homeRegion);
    const send = (body: object) =>
      sendSigned(client, host, { method: 'POST', path: `/live/approvals/${id}`, body: JSON.stringify(body) });
    for (const field of ['by', 'actor', 'askedBy', 'requestContext'])
      expect(await send({ answer: 'deny', [field]: arnOf('grace') })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(field) },
      });
    expect(suture.execution(execution).status).toBe('RUNNING');
    expect(await send({ answer: 'deny' })).toMatchObject({ status: 200, body: { by: arnOf('ada') } });
  });

  it('is refused from an administrator of another account, and without a signature', async () => {
    const { execution, id } = await waitingFinding();
    const own = new APIGatewayClient(suture.sandbox.administrator(suture.context.securityAccount));
    const host = hostOf(await findApi(own), suture.context.homeRegion);
    const request = { method: 'POST', path: `/live/approvals/${id}`, body: '{"answer":"approve"}' };
    const foreign = new APIGatewayClient(suture.sandbox.administrator(SHOP));
    await expect(approvalApi(foreign)).rejects.toThrow('There is no API "suture"');
    expect((await sendSigned(foreign, host, request)).status).toBe(403);
    const unsigned = await sendApiRequest({ ...request, endpoint: suture.sandbox.endpoint, settings: undefined, host });
    expect(unsigned).toMatchObject({ status: 403, type: 'MissingAuthenticationTokenException' });
    expect(suture.execution(execution).status).toBe('RUNNING');
  });

  it('needs a task token, which only the approval function may read', async () => {
    const { id } = await waitingFinding();
    for (const name of ['suture-proxy', 'suture-triage', 'suture-report', 'suture-finding-updates', 'suture-api'])
      await expect(
        new DynamoDBClient(suture.asSecurityFunction(name)).send(new GetItemCommand(key(id))),
      ).rejects.toThrow('not authorized');
    const own = suture.asSecurityFunction('suture-approvals');
    expect((await new DynamoDBClient(own).send(new GetItemCommand(key(id)))).Item).toBeDefined();
    await expect(
      new DynamoDBClient(own).send(new GetItemCommand({ ...key(id), Key: { pk: { S: 'stop' }, sk: { S: 'all' } } })),
    ).rejects.toThrow('not authorized');
  });
});

describe('the command line', () => {
  async function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
    const { endpoint, region, credentials } = await operator('grace');
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
    return promisify(execFile)(process.execPath, ['bin/suture.ts', ...args], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, error: stderr }),
      ({ code, stdout, stderr }) => ({ code, out: stdout, error: stderr }),
    );
  }

  it('lists waiting changes, asks before it answers, and accepts a prefix of an id', async () => {
    const { finding, execution, id } = await waitingFinding();
    const listed = await run('approvals', '--json');
    expect(JSON.parse(listed.out)).toContainEqual(expect.objectContaining({ id, control: 'EC2.13' }));
    expect(await run('approve', id)).toMatchObject({ code: 2, out: '', error: expect.stringContaining('Give --yes') });
    expect(suture.execution(execution).status).toBe('RUNNING');

    const approved = await run('approve', id.slice(0, 12), '--yes');
    expect(approved).toMatchObject({ code: 0, out: expect.stringContaining(`Approved by ${arnOf('grace')}`) });
    for (const part of ['disruptive', finding.Resources[0]!.Id, '"from": 22', 'nothing: it can be undone'])
      expect(approved.error).toContain(part);
    await endedExecution(execution);
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
    expect(await run('deny', id, '--yes', '--reason', 'late')).toMatchObject({
      code: 1,
      error: expect.stringContaining(`${arnOf('grace')} approved it at`),
    });
  });
  it('reports an unknown id', async () => {
    for (const [id, message] of [
      ['xyz', 'has no finding, execution or resource "xyz"'],
      ['00000000', 'has no finding, execution or resource "00000000"'],
      ['f'.repeat(32), 'There is no approval'],
    ] as const)
      await expect(answerCommand('approve', id, { ...testOperator(suture), api: ada })).rejects.toThrow(message);
  });
  it('prints one line per approval if there is no terminal', async () => {
    const { id } = await waitingFinding();
    const lines = (await approvalsCommand({ api: ada })).split('\n');
    expect(lines.find((line) => line.startsWith(id))).toMatch(new RegExp(`^${id}\tEC2.13\tdisruptive\t${SHOP}\t2`));
  });
});
