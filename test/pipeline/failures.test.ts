/** Executions that failed are recorded from their events, or found by a search if an event was lost. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { denyRevoke } from '../support/faults.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { ACQUIRED, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;

let suture: Pipeline;

beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

/** Disables the rule for failed executions, so that their events are lost. */
/** Triage may not count the execution. */
const triageIsDenied: FaultRule = ({ operation, principal }) =>
  operation === 'UpdateItem' && 'role' in principal && principal.role.endsWith('/suture-triage')
    ? { kind: 'error', code: 'AccessDeniedException', status: 400 }
    : undefined;

async function withLostEvents<T>(work: () => Promise<T>): Promise<T> {
  const events = () => new EventBridgeClient(suture.securityAdministrator());
  await events().send(new DisableRuleCommand({ Name: 'suture-failures' }));
  try {
    return await work();
  } finally {
    await events().send(new EnableRuleCommand({ Name: 'suture-failures' }));
  }
}

describe('an execution that fails', () => {
  it('is recorded once, and no longer as failed after its redrive succeeded', async () => {
    const finding = await suture.arrange('EC2.13');
    const [trace] = await suture.withFaults([denyRevoke], () => suture.process(finding));
    expect(await suture.ledger().record(finding.Id)).toMatchObject({
      ofStatus: 'FAILED',
      error: trace.execution!.error!.name,
    });
    await suture.redrive(trace.execution!.arn);
    expect(await suture.ledger().record(finding.Id)).toMatchObject({ ofStatus: 'FIXED' });
    expect((await suture.ledger().record(finding.Id))!.error).toBeUndefined();
    expect((await suture.ledger().history(finding.Id)).map(({ outcome }) => outcome)).toEqual(['FIXED']);
    expect(await suture.ledger().list({ status: 'FAILED', resource: finding.Resources[0]!.Id })).toMatchObject({
      items: [],
    });
  });

  it('in triage is recorded by the fields of its finding, and does not overwrite an earlier record', async () => {
    await suture.advanceToNextHour();
    const [fixed, other] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await suture.process(fixed);
    const again = { ...fixed, Workflow: { Status: 'NEW' } };
    const executions = [again, other].map((finding) => () => suture.emit([finding]));
    await suture.withFaults([triageIsDenied], async () => {
      for (const emit of executions) emit();
      await suture.sandbox.settled();
    });
    expect(executions).toHaveLength(2);
    expect(await suture.ledger().record(fixed.Id)).toMatchObject({ ofStatus: 'FIXED' });
    expect((await suture.ledger().history(fixed.Id)).map(({ outcome }) => outcome)).toEqual(['FIXED', 'FAILED']);
    expect(await suture.ledger().record(other.Id)).toMatchObject({
      ofStatus: 'FAILED',
      error: 'AccessDeniedException',
      ofControl: 'EC2.13',
      ofAccount: SHOP,
      ofResource: other.Resources[0]!.Id,
    });
    const [line] = await suture.ledger().history(other.Id);
    expect(line!.failure).toMatchObject({ state: 'Triage' });
  });

  it('is found within four hours if its event was lost', async () => {
    const finding = await suture.arrange('EC2.13', { account: ACQUIRED });
    await withLostEvents(() => suture.process(finding));
    expect(await suture.ledger().record(finding.Id)).toMatchObject({ ofStatus: 'OPEN' });
    await suture.kernel.clock.advance(4 * HOUR);
    expect(await suture.ledger().record(finding.Id)).toMatchObject({
      ofStatus: 'FAILED',
      error: 'MemberRoleUnavailable',
    });
  });
  it('is found even if it has no record in the ledger', async () => {
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await suture.withFaults([triageIsDenied], () => withLostEvents(() => suture.process(...findings)));
    const histories = async () => Promise.all(findings.map(({ Id }) => suture.ledger().history(Id)));
    const before = (await histories()).filter((lines) => lines.length === 0).length;
    expect(before).toBeGreaterThan(0);
    await suture.kernel.clock.advance(4 * HOUR);
    expect((await histories()).filter((lines) => lines.length === 0)).toEqual([]);
  });
  it('is searched for since the watermark of the last search', async () => {
    const { Item } = await new DynamoDBClient(suture.securityAdministrator()).send(
      new GetItemCommand({
        TableName: LEDGER_TABLE,
        Key: { pk: { S: 'watermarks' }, sk: { S: 'orphaned-executions' } },
      }),
    );
    const until = Number(Item!.until!.N);
    expect(until).toBeGreaterThan(suture.kernel.clock.now() - 4 * HOUR);
    expect(until).toBeLessThan(suture.kernel.clock.now());
  });
});

describe('an execution that waits for a person', () => {
  it('is recorded as waiting, and as failed after somebody stops it', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.13': 'approve' } });
    const finding = await suture.arrange('EC2.13');
    putFinding(suture.kernel, finding as never);
    await suture.kernel.clock.advance(60_000);
    expect(await suture.ledger().record(finding.Id)).toMatchObject({
      ofStatus: 'WAITING',
      reason: expect.stringContaining('tcp 22'),
    });
    const states = new SFNClient(suture.securityAdministrator());
    const running = { stateMachineArn: stateMachineArn(suture.context), statusFilter: 'RUNNING' as const };
    const { executions = [] } = await states.send(new ListExecutionsCommand(running));
    for (const { executionArn } of executions) await states.send(new StopExecutionCommand({ executionArn }));
    await suture.kernel.clock.advance(60_000);
    expect(await suture.ledger().record(finding.Id)).toMatchObject({ ofStatus: 'FAILED', error: 'ExecutionAborted' });
    const [line] = await suture.ledger().history(finding.Id);
    expect(line!.failure).toMatchObject({ state: 'AwaitApproval', message: 'somebody stopped the execution' });
  });
});
