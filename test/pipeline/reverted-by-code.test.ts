/** Fixes of a queue that Terraform manages, as its tag says, and that somebody undoes: CloudTrail names who. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { EVENTS } from '../../functions/domain/events.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { traceOf } from '../../lab/organization/trace.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import { attachScp } from '../../sandbox/services/organizations/set-up.ts';
import { createPersonRole } from '../support/people.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const LOOK_UP = 'cloudtrail:LookupEvents';
const HOUR = 3_600_000;
const MINUTE = 60_000;

let suture: Pipeline;
const PUBLISHED: { readonly name: keyof typeof EVENTS; readonly detail: any }[] = [];
/** Opens a session of a role of the account, in which its pipeline deploys. */
let ci: () => ClientSettings;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  suture.kernel.faults.push(({ operation, input }) => {
    if (operation === 'PutEvents')
      for (const { DetailType, Detail } of input.Entries)
        PUBLISHED.push({ name: DetailType, detail: JSON.parse(Detail) });
    return undefined;
  });
  await policyWith('fix');
  ci = await pipelineRole('ci-terraform', 'pay.example');
});
afterAll(() => suture.sandbox.close());

const policyWith = (terraform: string, mode = 'auto') =>
  suture.setPolicy({
    ...TEST_POLICY,
    controls: { 'SQS.1': mode },
    whenManagedBy: { terraform },
    managedTags: { terraform: ['ManagedBy=terraform'] },
  });

async function pipelineRole(RoleName: string, session: string): Promise<() => ClientSettings> {
  const iam = new IAMClient(suture.sandbox.administrator(SHOP));
  const Principal = { Service: 'codebuild.amazonaws.com' };
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const allowed = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }] };
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'queues', PolicyDocument: JSON.stringify(allowed) }));
  return () => suture.sandbox.clientSettings(suture.kernel.assumeForService(Principal.Service, Role!.Arn!, session));
}

const nameOf = ({ Resources: [resource] }: ControlFinding) => resource!.Id.split(':').at(-1)!;
async function urlOf(finding: ControlFinding): Promise<string> {
  const sqs = new SQSClient(suture.sandbox.administrator(SHOP));
  return (await sqs.send(new GetQueueUrlCommand({ QueueName: nameOf(finding) }))).QueueUrl!;
}
async function isEncrypted(finding: ControlFinding): Promise<boolean> {
  const sqs = new SQSClient(suture.sandbox.administrator(SHOP));
  const QueueUrl = await urlOf(finding);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return Attributes!.SqsManagedSseEnabled === 'true';
}

/** A queue without encryption, tagged by Terraform. */
async function terraformQueue(Tags: Record<string, string> = { ManagedBy: 'terraform' }): Promise<ControlFinding> {
  const finding = await suture.arrange('SQS.1');
  const QueueUrl = await urlOf(finding);
  await new SQSClient(suture.sandbox.administrator(SHOP)).send(new TagQueueCommand({ QueueUrl, Tags }));
  return finding;
}

/** Deploys the queue as the code has it, over the fix. */
async function undo(finding: ControlFinding): Promise<void> {
  const Attributes = { SqsManagedSseEnabled: 'false' };
  await new SQSClient(ci()).send(new SetQueueAttributesCommand({ QueueUrl: await urlOf(finding), Attributes }));
}

async function again(finding: ControlFinding, afterMs = HOUR + MINUTE) {
  await suture.kernel.clock.advance(afterMs);
  const event = suture.emit([{ ...finding, Workflow: { Status: 'NEW' } }]);
  await suture.sandbox.settled();
  return traceOf(suture.kernel, event, finding);
}
const lastJob = async ({ Id }: ControlFinding) => (await suture.history(Id)).at(-1)!.job as any;
const lookUps = () => suture.kernel.calls.filter(({ operation }) => operation === 'LookupEvents');
const decisions = () => suture.kernel.decisions.filter(({ action }) => action === LOOK_UP);
/** The logs since a number of lines that say why CloudTrail did not answer. */
const notKnown = (since: number) =>
  functionLogs(suture.kernel)
    .slice(since)
    .flatMap(({ line }) => (line.includes('who undid the fix is not known') ? [line] : []));
const logLength = () => functionLogs(suture.kernel).length;

const BY = 'role ci-terraform (session pay.example)';

it('a fix that a pipeline undoes is recognized and counted, and the third is left to the owner', async () => {
  const finding = await terraformQueue();
  expect((await suture.process(finding))[0].outcome).toBe('FIXED');
  expect(decisions()).toEqual([]);

  await undo(finding);
  const undoneAt = new Date(suture.kernel.clock.now()).toISOString().replace(/\.\d+Z$/, '.000Z');
  expect((await again(finding)).outcome).toBe('FIXED');
  const { result } = await lastJob(finding);
  expect(result).toMatchObject({
    reverted: { by: BY, at: undoneAt, times: 1, source: 'CloudTrail' },
    managedBy: { manager: 'terraform' },
  });
  expect(result.summary).toMatch(new RegExp(`; reverted by .*pay.example\\) at ${undoneAt}, whom CloudTrail names$`));
  expect(decisions().map(({ decision, role }) => [decision, role])).toEqual([
    ['Allow', `arn:aws:iam::${SHOP}:role/suture/suture-member`],
  ]);

  await undo(finding);
  expect((await again(finding)).outcome).toBe('NOTIFIED');
  expect(await isEncrypted(finding)).toBe(false);
  expect(suture.securityHub(finding)).toEqual({
    status: 'NOTIFIED',
    note: expect.stringMatching(
      /not changed: reverted by role ci-terraform .* at 2026-03-03T.*, whom CloudTrail names, after 2 fixes; managed by Terraform/,
    ),
  });
  const { name, detail } = PUBLISHED.findLast((event) => event.detail.finding?.id === finding.Id)!;
  expect(name).toBe('suture.finding.notified.v1');
  expect(EVENTS[name].parse(detail)).toMatchObject({ reverted: { by: BY, times: 2, source: 'CloudTrail' } });
  // Chats would link the name of the session.
  expect(JSON.stringify(detail.message)).toContain('(session pay(.)example)');
  expect(JSON.stringify(detail.message)).not.toContain('pay.example');
});

describe('CloudTrail', () => {
  it('is not read for a queue without a tag of code', async () => {
    const finding = await terraformQueue({ team: 'shop' });
    await suture.process(finding);
    await undo(finding);
    const before = lookUps().length;
    expect((await again(finding)).outcome).toBe('FIXED');
    expect((await lastJob(finding)).result.reverted).toBeUndefined();
    expect(lookUps()).toHaveLength(before);
  });

  it.each([
    [
      'a policy of the organization denies it',
      () => {
        const Statement = [{ Effect: 'Deny' as const, Action: LOOK_UP, Resource: '*' }];
        attachScp(suture.kernel, SHOP, { Version: '2012-10-17', Statement });
        const { attached } = organizationState(suture.kernel);
        return () => void attached.set(SHOP, attached.get(SHOP)!.slice(0, -1));
      },
      /AccessDenied/,
    ],
    [
      'it throttles',
      () => {
        suture.kernel.faults.push((call) => (call.operation === 'LookupEvents' ? throttled(call) : undefined));
        return () => void suture.kernel.faults.pop();
      },
      /Throttl/,
    ],
  ] as const)('changes nothing if %s: the fix is made again, and the log says so once', async (_, refuse, error) => {
    const finding = await terraformQueue();
    await suture.process(finding);
    const allow = refuse();
    for (let fix = 0; fix < 3; fix += 1) {
      await undo(finding);
      const [calls, logs] = [lookUps().length, logLength()];
      expect((await again(finding)).outcome).toBe('FIXED');
      expect(await isEncrypted(finding)).toBe(true);
      expect((await lastJob(finding)).result.reverted).toBeUndefined();
      expect(lookUps().length).toBeGreaterThan(calls);
      expect(notKnown(logs)).toEqual([expect.stringMatching(error)]);
    }
    allow();
  });

  it("neither blames Suture's own fix, nor knows a call that it does not show yet", async () => {
    const finding = await terraformQueue();
    await suture.process(finding);
    await suture.kernel.clock.advance(HOUR);
    await undo(finding);
    const logs = logLength();
    expect((await again(finding, MINUTE)).outcome).toBe('FIXED');
    expect((await lastJob(finding)).result.reverted).toBeUndefined();
    expect(notKnown(logs)).toEqual([expect.stringContaining('CloudTrail has no such event')]);
  });

  it('does not void an approval by new events', async () => {
    await policyWith('fix');
    const finding = await terraformQueue();
    await suture.process(finding);
    await policyWith('approve');
    await undo(finding);
    const trace = await again(finding);
    expect(trace.outcome).toBe('WAITING');
    await undo(finding);
    await suture.kernel.clock.advance(10 * MINUTE);
    const operator = await createPersonRole(suture, 'Operator', [
      { Action: ['apigateway:GET', 'dynamodb:*', 'execute-api:*', 'kms:*'], Resource: '*' },
    ]);
    const grace = await approvalApi(new APIGatewayClient(await operator('grace')));
    await grace.answer(hash(trace.execution!.arn), { answer: 'approve' });
    await suture.sandbox.settled();
    expect((await lastJob(finding)).result).toMatchObject({ kind: 'fixed', reverted: { times: 1 } });
    expect(await isEncrypted(finding)).toBe(true);
    await policyWith('fix');
  });
});
